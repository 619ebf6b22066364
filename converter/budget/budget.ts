import type { Judged } from '../judge.ts';

/** What an INT8 model may lose against FP32, at most; every part that is stated has to hold. */
export type Budget = {
  /** Least SQNR of the logits. */
  readonly sqnrDb?: number;
  /** Least share of pictures with FP32's first class, in [0, 1]. */
  readonly agreement?: number;
  /** Largest loss of top-1, in percentage points. */
  readonly drop?: number;
};

/** What was lost on some pictures. */
export type Figures = {
  readonly pictures: number;
  readonly sqnrDb: number;
  readonly agreement: number;
  /** Percentage points of top-1; negative for a gain, absent where nobody knows what the pictures show. */
  readonly drop?: number;
};

/** Differences of shares of the same count are exact but for the last digits of their quotients. */
const EPSILON = 1e-9;

/** The figures of a judgement; `classes` are what its pictures show, in their order. */
export function figuresOf({ overall, each }: Judged, classes?: readonly number[]): Figures {
  const { sqnrDb, agreement } = overall;
  const pictures = each.length;
  if (classes === undefined) return { pictures, sqnrDb, agreement };
  let lost = 0;
  for (const [i, { reference, quantized }] of each.entries()) {
    lost += Number(reference === classes[i]) - Number(quantized === classes[i]);
  }
  return { pictures, sqnrDb, agreement, drop: (100 * lost) / pictures };
}

export function holds({ sqnrDb = 0, agreement = 0, drop }: Budget, figures: Figures): boolean {
  if (figures.sqnrDb < sqnrDb || figures.agreement < agreement - EPSILON) return false;
  return drop === undefined || (figures.drop !== undefined && figures.drop <= drop + EPSILON);
}
