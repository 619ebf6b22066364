import type { Histogram } from './histogram.ts';
import type { ValueStatistics } from './statistics.ts';

/** Real values that map to the ends of the stored range. */
export type Range = { readonly min: number; readonly max: number };

/** How a range is chosen from what was observed. */
export type RangeMethod = 'minmax' | 'percentile' | 'mse';

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

/** The range for a value; always contains zero, as padding and ReLU need it exact. */
export function chooseRange(statistics: ValueStatistics, options: RangeOptions): Range {
  const whole = { min: Math.min(0, statistics.min), max: Math.max(0, statistics.max) };
  const chosen = narrow(statistics, whole, options);
  if (!options.symmetric) return chosen;
  const peak = Math.max(chosen.max, -chosen.min);
  return { min: -peak, max: peak };
}

function narrow(statistics: ValueStatistics, whole: Range, options: RangeOptions): Range {
  switch (options.method) {
    case 'minmax':
      return whole;
    case 'percentile':
      return percentileRange(statistics.histogram, statistics.count, whole);
    case 'mse':
      return mseRange(statistics.histogram, whole, options);
  }
}

/** Cuts (1 - PERCENTILE) / 2 of all values from each end, whole bins at a time. */
function percentileRange(histogram: Histogram, count: number, whole: Range): Range {
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
    min: Math.min(0, Math.max(whole.min, (first + low) * width)),
    max: Math.max(0, Math.min(whole.max, (first + high + 1) * width)),
  };
}

/**
 * The range with the least expected squared error: values inside err by step^2 / 12, values outside by their distance to the
 * end (Sung, Shin, Hwang 2015; Sakr et al. 2022 solve the same objective). Each end in turn is moved over a grid until
 * neither moves.
 */
function mseRange(histogram: Histogram, whole: Range, { steps, symmetric }: RangeOptions): Range {
  if (symmetric) {
    const peak = Math.max(whole.max, -whole.min);
    return best(peak, (clip) => ({ min: -clip, max: clip }), histogram, steps);
  }
  let range = whole;
  for (let round = 0; round < 3; round++) {
    const { min } = range;
    const upper = best(whole.max, (clip) => ({ min, max: clip }), histogram, steps);
    const lower = best(-whole.min, (clip) => ({ min: -clip, max: upper.max }), histogram, steps);
    if (lower.min === range.min && lower.max === range.max) break;
    range = lower;
  }
  return range;
}

function best(end: number, rangeAt: (clip: number) => Range, histogram: Histogram, steps: number): Range {
  let range = rangeAt(end);
  if (end === 0) return range;
  let least = expectedError(histogram, range, steps);
  for (let i = CANDIDATES - 1; i > 0; i--) {
    const candidate = rangeAt((end * i) / CANDIDATES);
    const error = expectedError(histogram, candidate, steps);
    if (error < least) {
      least = error;
      range = candidate;
    }
  }
  return range;
}

function expectedError({ counts, first, width }: Histogram, { min, max }: Range, steps: number): number {
  const inside = ((max - min) / steps) ** 2 / 12;
  let error = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    const centre = (first + i + 0.5) * width;
    const beyond = centre > max ? centre - max : centre < min ? min - centre : 0;
    error += count * (beyond === 0 ? inside : beyond * beyond + inside);
  }
  return error;
}
