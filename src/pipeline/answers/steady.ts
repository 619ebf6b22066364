import { type Guess, guesses } from '../../runtime/answer.ts';
import { type SettleOptions, settler } from './settle.ts';
import { smoother } from './smooth.ts';
import type { GatedAnswer } from './still.ts';

/** What is in front of the camera, as far as the frames up to this one tell. */
export type SteadyAnswer = {
  readonly frame: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The class that holds; undefined where nothing is likely enough. */
  readonly best: Guess | undefined;
  /** One for each class, averaged over time; overwritten by the next answer. */
  readonly probabilities: Float64Array;
  /** The likeliest classes of the average, as many as the model's answer names. */
  readonly top: readonly Guess[];
  /** True where nothing moved and the answer before was taken once more. */
  readonly still: boolean;
};

export type SteadyOptions = SettleOptions & {
  /** Time constant of the average in milliseconds, 0 for none. */
  readonly smoothMs: number;
  readonly labels: readonly string[];
};

/** Turns the answers to single frames into ones that hold: averaged over time, without flicker, unknown below a threshold. */
export function steadier(options: SteadyOptions): (answer: GatedAnswer) => SteadyAnswer {
  const { labels } = options;
  const smooth = smoother(options.smoothMs);
  const settle = settler(options);
  return ({ frame, at, probabilities: seen, top, still = false }) => {
    const probabilities = smooth(seen, at);
    const index = settle(probabilities, at);
    return {
      frame,
      at,
      best: index === undefined ? undefined : guessOf(labels, index, probabilities),
      probabilities,
      top: guesses(probabilities, { labels, output: 'probabilities', top: top.length }),
      still,
    };
  };
}

/** One class with its name. */
export function guessOf(labels: readonly string[], index: number, probabilities: ArrayLike<number>): Guess {
  return { label: labels[index] ?? `class ${index}`, index, probability: probabilities[index] ?? 0 };
}
