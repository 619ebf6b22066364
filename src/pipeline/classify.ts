import type { Pixels } from '../image/pixels.ts';
import { toInput } from '../image/to-input.ts';
import { type AnswerOptions, type Guess, guesses } from '../runtime/answer.ts';
import { scoresOf } from '../runtime/scores.ts';
import type { Session } from '../runtime/types.ts';
import { wholeMicroseconds } from '../runtime/whole-microseconds.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';

/** An opened model, and what its metadata says of its input and output. */
export type Classifier = {
  readonly session: Session;
  readonly metadata: Pick<AnswerOptions, 'labels' | 'output'> & { readonly preprocessing: Preprocessing };
};

/** Milliseconds of each step, to the microsecond. */
export type ClassifyTimes = { readonly decode: number; readonly prepare: number; readonly infer: number };

export type Classified = { readonly top: readonly Guess[]; readonly ms: ClassifyTimes };

/**
 * Classifies one picture: `read` gives what the model sees of it, `inputSize` x `inputSize`, and `now` tells milliseconds. `top` classes
 * come back, the likeliest first.
 */
export async function classifyPicture(
  { session, metadata }: Classifier,
  read: () => Promise<Pixels>,
  top: number,
  now: () => number,
): Promise<Classified> {
  const { preprocessing, labels, output } = metadata;
  const started = now();
  const pixels = await read();
  const decoded = now();
  const input = toInput(pixels, preprocessing);
  const prepared = now();
  const scores = await scoresOf(session, input);
  return {
    top: guesses(scores.data, { labels, output, top }),
    ms: {
      decode: wholeMicroseconds(decoded - started),
      prepare: wholeMicroseconds(prepared - decoded),
      infer: wholeMicroseconds(scores.ms),
    },
  };
}

/** The likeliest class, or "unknown" where it is not as likely as `threshold`. */
export function answerOf({ top }: Pick<Classified, 'top'>, threshold = 0): string {
  const [best] = top;
  return best && best.probability >= threshold ? best.label : 'unknown';
}
