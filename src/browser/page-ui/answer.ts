import type { Guess } from '../../runtime/answer.ts';
import { setText, showBars } from './bars.ts';

/** Where a model's answer is shown. */
export type AnswerPlace = { readonly label: HTMLElement; readonly bars: HTMLOListElement };

/** The class that holds, or what stands in the place of none, and the likeliest ones. */
export function showAnswer(
  { label, bars }: AnswerPlace,
  held: string | undefined,
  top: readonly Guess[],
  instead = 'unknown',
): void {
  setText(label, held ?? instead);
  label.classList.toggle('none', held === undefined);
  showBars(bars, top);
}
