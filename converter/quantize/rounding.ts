import { inverseFactor } from './cholesky.ts';
import type { Covariance } from './covariance.ts';
import { type PairLimits, pairBounds } from './pairs.ts';

/** Damping of a block's diagonal, as a share of its mean: more where few samples say little. */
const DAMPING = 0.01;

export type RoundingLayer = {
  readonly rows: number;
  readonly groups: number;
  /** Elements of one row of weights. */
  readonly width: number;
  /** Largest stored magnitude. */
  readonly max: number;
  readonly scales: Float32Array;
};

/**
 * Rounds weights so that the error of what they compute is small, not their own: each element in turn is rounded, and those not yet
 * rounded take over its error as the inputs' covariance allows (Frantar et al. 2023, GPTQ, algorithm 1, with a fixed
 * order by falling variance, block by block). `out` holds plain roundings on entry. `limits` keeps pairs inside int16.
 */
export function learnRounding(
  weights: Float32Array,
  { rows, groups, width, max, scales }: RoundingLayer,
  { size, blocksPerGroup, blocks, samples }: Covariance,
  out: Int8Array,
  limits: (group: number) => PairLimits | undefined,
): void {
  const rowsPerGroup = rows / groups;
  for (let group = 0; group < groups; group++) {
    const pairs = limits(group);
    for (let block = 0; block < blocksPerGroup; block++) {
      const start = block * size;
      const length = Math.min(size, width - start);
      const at = (group * blocksPerGroup + block) * size * size;
      const plan = prepare(blocks.subarray(at, at + size * size), size, length, samples);
      if (plan === undefined) continue;
      for (let r = group * rowsPerGroup; r < (group + 1) * rowsPerGroup; r++) {
        const from = r * width;
        roundBlock(weights, from, start, plan, scales[r]!, max, out, pairs);
      }
    }
  }
}

type BlockPlan = {
  /** Elements of the block in the order of rounding. */
  readonly order: readonly number[];
  /** The factor R of the inverse covariance, in that order. */
  readonly factor: Float64Array;
};

function prepare(covariance: Float64Array, size: number, length: number, samples: number): BlockPlan | undefined {
  const variance = Array.from({ length }, (_, i) => covariance[i * size + i]!);
  const mean = variance.reduce((sum, v) => sum + v, 0) / length;
  if (!(mean > 0)) return undefined;
  const order = variance.map((_, i) => i).sort((a, b) => variance[b]! - variance[a]! || a - b);
  const damping = mean * (DAMPING + length / (10 * samples));
  const h = new Float64Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) h[i * length + j] = covariance[order[i]! * size + order[j]!]!;
    h[i * length + i]! += damping;
  }
  const factor = inverseFactor(h, length);
  return factor && { order, factor };
}

function roundBlock(
  weights: Float32Array,
  row: number,
  start: number,
  { order, factor }: BlockPlan,
  scale: number,
  max: number,
  out: Int8Array,
  pairs: PairLimits | undefined,
): void {
  const n = order.length;
  const rest = Float64Array.from(order, (i) => weights[row + start + i]! / scale);
  for (let k = 0; k < n; k++) {
    const element = start + order[k]!;
    const bound = pairs === undefined ? undefined : pairBounds(pairs, out, row, element);
    const low = Math.max(-max, bound?.low ?? -max);
    const high = Math.min(max, bound?.high ?? max);
    const q = Math.max(low, Math.min(high, Math.round(rest[k]!)));
    out[row + element] = q;
    const error = (rest[k]! - q) / factor[k * n + k]!;
    const line = k * n;
    for (let j = k + 1; j < n; j++) rest[j]! -= error * factor[line + j]!;
  }
}
