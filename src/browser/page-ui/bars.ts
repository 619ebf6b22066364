import type { Guess } from '../../runtime/answer.ts';
import { make } from './element.ts';

/** Shows the likeliest classes as bars in an ordered list, whose items are kept from one answer to the next. */
export function showBars(list: HTMLOListElement, guesses: readonly Guess[]): void {
  while (list.children.length > guesses.length) list.lastElementChild?.remove();
  while (list.children.length < guesses.length) list.append(emptyBar());
  for (const [i, { label, probability }] of guesses.entries()) {
    const [name, share, bar] = (list.children[i] as HTMLLIElement).children as unknown as readonly HTMLElement[];
    setText(name!, label);
    setText(share!, `${(100 * probability).toFixed(1)}\u00a0%`);
    bar!.style.setProperty('--share', probability.toFixed(4));
  }
}

function emptyBar(): HTMLLIElement {
  return make('li', '', make('span', 'name'), make('span', 'share'), make('span', 'bar'));
}

/** Sets a text that may be there already; screen readers hear of changes alone. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
