import type { StreamAnswer } from '../../../../src/pipeline/types.ts';

export const LABELS: readonly string[] = ['cat', 'dog', 'owl'];

/** The answer to one frame; `at` is milliseconds since 1970. */
export function answerOf(frame: number, at: number, probabilities: readonly number[]): StreamAnswer {
  const top = probabilities.map((probability, index) => ({ label: LABELS[index]!, index, probability }));
  const ms = { prepare: 1, infer: 2, total: 4 };
  return { frame, at, probabilities: Float32Array.from(probabilities), top, ms, dropped: 0 };
}
