import { softmax } from './softmax.ts';
import { topK } from './top-k.ts';

export type Guess = { readonly label: string; readonly index: number; readonly probability: number };

/** What turns scores into an answer. */
export type AnswerOptions = {
  readonly labels: readonly string[];
  /** `logits` go through a softmax, `probabilities` are taken as they are. */
  readonly output: 'logits' | 'probabilities';
  readonly top: number;
};

/** The most probable classes of one picture's scores [classes], the likeliest first. */
export function guesses(scores: ArrayLike<number>, { labels, output, top }: AnswerOptions): readonly Guess[] {
  const probabilities = output === 'logits' ? softmax(scores) : scores;
  return topK(probabilities, top).map(({ index, score }) => ({
    label: labels[index] ?? `class ${index}`,
    index,
    probability: score,
  }));
}
