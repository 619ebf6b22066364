import { PAIR_LIMIT, type PairLimits, pairSum } from './pairs.ts';

export type QuantizedRow = {
  readonly scale: number;
  /** True where the scale or single weights gave way so that no pair can saturate. */
  readonly limited: boolean;
};

export type RowOptions = {
  /** Largest stored magnitude. */
  readonly max: number;
  /** Scales below this are raised to it, so that a bias of this row fits int32. */
  readonly minScale: number;
  /** A scale that is decided already; then this one alone. */
  readonly scale?: number;
  /** What each element's error costs: mean of its squared inputs. */
  readonly power: ArrayLike<number>;
  /** Where pairs of products must fit int16; absent: exact kernel. */
  readonly pairs?: PairLimits;
};

/** Scales tried where pairs would saturate: from the finest to the one that halves every weight. */
const SCALE_STEPS = 24;
/** With so few levels, clipping the largest weights can pay. */
const FEW_LEVELS = 31;
/** Shares of the largest weight tried as the end of the range. */
const CLIPS = 40;

/**
 * Quantizes one output channel to signed integers with a scale of its own: the largest weight sets it, unless the levels are few
 * or pairs would saturate. With `pairs`, peak0 * q0 + peak1 * q1 stays inside int16 for every pair; one in excess gives way by
 * a coarser scale for the row or by smaller integers for the pair alone, whichever costs less squared error at the output.
 */
export function quantizeRow(row: Float32Array, options: RowOptions, out: Int8Array): QuantizedRow {
  if (options.scale !== undefined) return roundOn(row, options.scale, options, out);
  let peak = 0;
  for (let i = 0; i < row.length; i++) peak = Math.max(peak, Math.abs(row[i]!));
  const finest = Math.fround(Math.max(peak / options.max, options.minScale));
  if (options.max > FEW_LEVELS) {
    roundRow(row, finest, options.max, out);
    const fits = options.pairs === undefined || limitPairs(row, finest, options.power, options.pairs, out) === 0;
    if (fits) return { scale: finest, limited: false };
  }
  const trial = new Int8Array(out.length);
  let best = { scale: finest, error: Number.POSITIVE_INFINITY };
  const attempt = (scale: number): number => {
    roundRow(row, scale, options.max, trial);
    const moved = options.pairs === undefined ? 0 : limitPairs(row, scale, options.power, options.pairs, trial);
    const error = rowError(row, scale, options.power, trial);
    if (error < best.error) {
      best = { scale, error };
      out.set(trial);
    }
    return moved;
  };
  if (options.max <= FEW_LEVELS) {
    for (let i = CLIPS; i > CLIPS / 4; i--) attempt(Math.fround(Math.max((finest * i) / CLIPS, options.minScale)));
    return { scale: best.scale, limited: false };
  }
  attempt(finest);
  for (let step = 1; step <= SCALE_STEPS; step++) {
    const moved = attempt(Math.fround(finest * (1 + step / SCALE_STEPS)));
    // Coarser scales only round more, but the coarsest stays a candidate: no row is worse off than with half its range.
    if (moved === 0) step = Math.max(step, SCALE_STEPS - 1);
  }
  return { scale: best.scale, limited: true };
}

function roundOn(row: Float32Array, scale: number, { max, power, pairs }: RowOptions, out: Int8Array): QuantizedRow {
  roundRow(row, scale, max, out);
  return { scale, limited: pairs !== undefined && limitPairs(row, scale, power, pairs, out) > 0 };
}

/** As Math.round, which branches on the value: quotients of float32 numbers come nowhere near enough to a half to tell them apart. */
function roundRow(row: Float32Array, scale: number, max: number, out: Int8Array): void {
  for (let i = 0; i < row.length; i++) out[i] = Math.max(-max, Math.min(max, Math.floor(row[i]! / scale + 0.5)));
}

function rowError(row: Float32Array, scale: number, power: ArrayLike<number>, q: Int8Array): number {
  let error = 0;
  for (let i = 0; i < row.length; i++) {
    const difference = q[i]! * scale - row[i]!;
    error += difference * difference * power[i]!;
  }
  return error;
}

/** Shrinks single integers until no pair can saturate; returns how many steps that took. */
function limitPairs(
  row: Float32Array,
  scale: number,
  power: ArrayLike<number>,
  pairs: PairLimits,
  q: Int8Array,
): number {
  const { partner, peak } = pairs;
  let steps = 0;
  for (let i = 0; i < row.length; i++) {
    const j = partner[i]!;
    if (j < i) continue;
    while (pairSum(pairs, q, i, j) > PAIR_LIMIT) {
      const cost0 = shrinkCost(row[i]! / scale, q[i]!) * power[i]!;
      const cost1 = shrinkCost(row[j]! / scale, q[j]!) * power[j]!;
      // Per unit of the sum that is won back: a step of q0 wins peak0.
      const shrunk = cost0 * peak[j]! <= cost1 * peak[i]! ? i : j;
      q[shrunk]! -= Math.sign(q[shrunk]!);
      steps++;
    }
  }
  return steps;
}

/** Growth of the squared rounding error, in steps of the scale, when q moves one towards zero. */
function shrinkCost(exact: number, q: number): number {
  return (q - Math.sign(q) - exact) ** 2 - (q - exact) ** 2;
}
