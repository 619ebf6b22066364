import type { Frame, StreamAnswer } from '../types.ts';

/** An answer that says whether it was inferred from its own frame or repeats the one before, since nothing moved. */
export type GatedAnswer = StreamAnswer & { readonly still?: boolean };

/** The answer to a frame that shows what an earlier one showed; `at` is milliseconds since 1970. */
export function repeatAnswer(earlier: StreamAnswer, frame: Pick<Frame, 'index'>, at: number): GatedAnswer {
  return { ...earlier, frame: frame.index, at, ms: { prepare: 0, infer: 0, total: 0 }, still: true };
}
