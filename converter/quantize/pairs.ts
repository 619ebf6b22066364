/** How one output channel's weights are stored: memory order [channels, height, width]. */
export type KernelShape = { readonly channels: number; readonly height: number; readonly width: number };

/** int16's largest value, and the largest sum of a pair that a saturating kernel still adds right. */
export const PAIR_LIMIT = 32767;

/** Which elements of a row of weights a saturating kernel adds in int16, and how large their inputs get. */
export type PairLimits = {
  /** The other element of each element's pair; -1 for a last one that stands alone. */
  readonly partner: Int32Array;
  /** Largest stored input of each element. */
  readonly peak: Float64Array;
};

/**
 * Pairs of a row in memory order (channel, kernel row, kernel column). ONNX Runtime's AVX2 kernel pairs neighbours 2i and 2i + 1 in
 * the order (kernel row, kernel column, channel).
 */
export function pairLimits({ channels, height, width }: KernelShape, peaks: ArrayLike<number>): PairLimits {
  const area = height * width;
  const memory = (k: number): number => (k % channels) * area + Math.floor(k / channels);
  const size = channels * area;
  const partner = new Int32Array(size).fill(-1);
  for (let k = 0; k + 1 < size; k += 2) {
    partner[memory(k)] = memory(k + 1);
    partner[memory(k + 1)] = memory(k);
  }
  return { partner, peak: Float64Array.from({ length: size }, (_, i) => peaks[Math.floor(i / area)]!) };
}

/** The largest magnitude that a pair's sum of products can reach; opposite signs cannot add up, and one product alone fits. */
export function pairSum({ peak }: PairLimits, q: Int8Array, i: number, j: number): number {
  if (q[i]! * q[j]! <= 0) return 0;
  return Math.abs(peak[i]! * q[i]! + peak[j]! * q[j]!);
}

/** The integers that one element may take beside its partner's present one. */
export function pairBounds(
  { partner, peak }: PairLimits,
  q: Int8Array,
  row: number,
  element: number,
): { readonly low: number; readonly high: number } {
  const other = partner[element]!;
  const own = peak[element]!;
  if (other < 0 || own === 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const beside = peak[other]! * q[row + other]!;
  // A partner of the other sign never helps: its input may be zero.
  return {
    low: -Math.floor((PAIR_LIMIT - Math.max(0, -beside)) / own),
    high: Math.floor((PAIR_LIMIT - Math.max(0, beside)) / own),
  };
}
