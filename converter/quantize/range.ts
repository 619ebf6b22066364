import type { Histogram } from './histogram.ts';
import { storageNoise } from './noise.ts';
import type { ValueStatistics } from './statistics.ts';

/** Real values that map to the ends of the stored range. */
export type Range = { readonly min: number; readonly max: number };

/** How a range is chosen from what was observed. */
export type RangeMethod = 'minmax' | 'percentile' | 'entropy' | 'mse';

export type RangeOptions = {
  readonly method: RangeMethod;
  /** Stored steps between the ends, such as 255. */
  readonly steps: number;
  /** Whether the range must mirror at zero. */
  readonly symmetric: boolean;
};

/** Share of all values that the percentile method keeps inside the range. */
const PERCENTILE = 0.9999;
/** Clips tried between nothing and the observed end. */
const CANDIDATES = 100;
/** No method cuts more than this much of the observed end. */
const LEAST_CLIP = 0.05;

/** The range for a value; always contains zero, as padding and ReLU need it exact. */
export function chooseRange(statistics: ValueStatistics, options: RangeOptions): Range {
  const whole = { min: Math.min(0, statistics.min), max: Math.max(0, statistics.max) };
  const peak = Math.max(whole.max, -whole.min);
  const outer = options.symmetric ? { min: -peak, max: peak } : whole;
  const chosen = narrow(statistics, outer, options);
  if (!options.symmetric) return chosen;
  const end = Math.max(chosen.max, -chosen.min);
  return { min: -end, max: end };
}

function narrow(statistics: ValueStatistics, outer: Range, options: RangeOptions): Range {
  switch (options.method) {
    case 'minmax':
      return outer;
    case 'percentile':
      return percentileRange(statistics, outer);
    case 'entropy':
      return leastCost(outer, options, ({ min, max }) => divergence(statistics.histogram, min, max, options.steps));
    case 'mse':
      return leastCost(outer, options, ({ min, max }) => {
        const { rounding, clipping } = storageNoise(statistics, min, max, options.steps);
        return rounding + clipping;
      });
  }
}

/** Cuts (1 - PERCENTILE) / 2 of all values from each end, whole bins at a time. */
function percentileRange({ histogram, count }: ValueStatistics, outer: Range): Range {
  const { counts, first, width } = histogram;
  const cut = (count * (1 - PERCENTILE)) / 2;
  let low = 0;
  for (let seen = 0; low < counts.length; low++) {
    seen += counts[low]!;
    if (seen > cut) break;
  }
  let high = counts.length - 1;
  for (let seen = 0; high >= 0; high--) {
    seen += counts[high]!;
    if (seen > cut) break;
  }
  return {
    min: Math.min(0, Math.max(outer.min, (first + low) * width)),
    max: Math.max(0, Math.min(outer.max, (first + high + 1) * width)),
  };
}

/** The cheapest range: each end in turn moves over a grid until neither moves; both at once where they mirror. */
function leastCost(outer: Range, { symmetric }: RangeOptions, cost: (range: Range) => number): Range {
  if (symmetric) return best(outer.max, (clip) => ({ min: -clip, max: clip }), cost);
  let range = outer;
  for (let round = 0; round < 3; round++) {
    const { min } = range;
    const upper = best(outer.max, (clip) => ({ min, max: clip }), cost);
    const lower = best(-outer.min, (clip) => ({ min: -clip, max: upper.max }), cost);
    if (lower.min === range.min && lower.max === range.max) break;
    range = lower;
  }
  return range;
}

function best(end: number, rangeAt: (clip: number) => Range, cost: (range: Range) => number): Range {
  let range = rangeAt(end);
  if (end <= 0) return range;
  let least = cost(range);
  for (let i = CANDIDATES - 1; i >= CANDIDATES * LEAST_CLIP; i--) {
    const candidate = rangeAt((end * i) / CANDIDATES);
    const found = cost(candidate);
    if (found < least) {
      least = found;
      range = candidate;
    }
  }
  return range;
}

/**
 * Kullback-Leibler divergence of the clipped histogram from itself after merging its bins into `steps` levels (Migacz, "8-bit
 * inference with TensorRT", 2017). What lies outside counts in the outermost bins of the clipped histogram alone, so cutting costs.
 */
function divergence({ counts, first, width }: Histogram, min: number, max: number, steps: number): number {
  const from = Math.max(0, Math.floor(min / width) - first);
  const to = Math.min(counts.length, Math.max(from + 1, Math.ceil(max / width) - first));
  const clipped = counts.slice(from, to);
  const inside = clipped.slice();
  for (let i = 0; i < from; i++) clipped[0]! += counts[i]!;
  for (let i = to; i < counts.length; i++) clipped[clipped.length - 1]! += counts[i]!;
  const total = clipped.reduce((sum, count) => sum + count, 0);
  const kept = inside.reduce((sum, count) => sum + count, 0);
  if (total === 0 || kept === 0) return 0;
  let sum = 0;
  const levels = Math.min(steps, clipped.length);
  for (let level = 0; level < levels; level++) {
    const start = Math.floor((level * clipped.length) / levels);
    const end = Math.floor(((level + 1) * clipped.length) / levels);
    let mass = 0;
    let filled = 0;
    for (let i = start; i < end; i++) {
      mass += inside[i]!;
      if (inside[i]! > 0) filled++;
    }
    for (let i = start; i < end; i++) {
      const p = clipped[i]! / total;
      if (p === 0) continue;
      // A bin that only the outliers fill has no counterpart: as little as one value.
      const q = inside[i]! > 0 ? mass / filled / kept : 1 / kept;
      sum += p * Math.log(p / q);
    }
  }
  return sum;
}
