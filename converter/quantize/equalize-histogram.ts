import type { ValueStatistics } from './statistics.ts';

/** A normal distribution's ends and the distance of the points that stand for it, in deviations. */
const REACH = 5;
const STEP = 0.05;
/** Means of rectified distributions that are told apart, in deviations. */
const LEAST_MEAN = -3.5;
const MOST_MEAN = 12;
const MEAN_STEP = 0.05;
/** A histogram's bins from zero to the largest value. */
const BINS = 2047;

/** How values of one channel lie: places above zero with the share of all positive values that each stands for. */
type Spread = { readonly places: Float64Array; readonly shares: Float64Array };

/** Statistics of a rectified value whose channels are multiplied by some factors, all above zero. */
export type Rescaler = (factors: Float64Array) => ValueStatistics;

/**
 * Ranges and moments of a rectified value scale with its channels; the histogram, which holds all channels in one, is drawn anew:
 * of each channel the rectified normal distribution that has its mean and power, with the tail stretched to its largest value.
 */
export function rescaler(seen: ValueStatistics): Rescaler {
  const { channels } = seen;
  const normal = standardNormal();
  const ratios = momentRatios(normal);
  const perChannel = seen.count / channels.max.length;
  const spreads = channels.max.map((max, c) => spreadOf(channels.mean[c]!, channels.power[c]!, max, perChannel));
  return (factors) => {
    const times = (values: readonly number[], exponent = 1): readonly number[] =>
      values.map((value, c) => value * factors[c]! ** exponent);
    const [min, max] = [times(channels.min), times(channels.max)];
    const end = max.reduce((a, b) => Math.max(a, b), 0);
    return {
      count: seen.count,
      min: min.reduce((a, b) => Math.min(a, b), 0),
      max: end,
      histogram: { ...histogramOf(factors, end), zeros: seen.histogram.zeros },
      channels: { min, max, mean: times(channels.mean), power: times(channels.power, 2) },
    };
  };

  function spreadOf(mean: number, power: number, max: number, count: number): Spread | undefined {
    if (!(mean > 0 && power > 0 && max > 0)) return undefined;
    const [shift, first] = ratios.at((mean * mean) / power);
    const deviation = mean / first;
    // Of so many values the largest lies about here.
    let top = normal.length - 1;
    for (let above = normal[top]!; top > 0 && above < 1 / count; top--) above += normal[top - 1]!;
    const [places, shares] = [new Float64Array(top + 1), new Float64Array(top + 1)];
    const highest = zOf(top) + shift;
    let positive = 0;
    for (let i = 0; i <= top; i++) {
      const height = zOf(i) + shift;
      if (height <= 0) continue;
      const way = height / highest;
      places[i] = deviation * height * (1 + (max / (deviation * highest) - 1) * way * way);
      shares[i] = normal[i]!;
      positive += normal[i]!;
    }
    return { places, shares: shares.map((share) => share / positive) };
  }

  function histogramOf(factors: Float64Array, end: number): Omit<ValueStatistics['histogram'], 'zeros'> {
    if (!(end > 0)) return { width: 0, first: 0, counts: [] };
    const width = 2 ** Math.ceil(Math.log2(end / BINS));
    const counts = new Float64Array(BINS + 1);
    const drawn = spreads.filter((spread) => spread !== undefined).length;
    const each = (seen.count - seen.histogram.zeros) / drawn;
    for (const [c, spread] of spreads.entries()) {
      if (spread === undefined) continue;
      const scale = factors[c]! / width;
      for (let i = 0; i < spread.places.length; i++) {
        counts[Math.min(BINS, Math.floor(spread.places[i]! * scale))]! += each * spread.shares[i]!;
      }
    }
    return { width, first: 0, counts: Array.from(counts) };
  }
}

function zOf(index: number): number {
  return (index + 0.5) * STEP - REACH;
}

/** Shares of a standard normal distribution, place by place. */
function standardNormal(): Float64Array {
  const shares = Float64Array.from({ length: (2 * REACH) / STEP }, (_, i) => Math.exp(-(zOf(i) ** 2) / 2));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

/**
 * Finds the mean, in deviations, of the normal distribution that has a given ratio of squared mean to power after rectification, and
 * the mean after it. The ratio grows with the mean.
 */
function momentRatios(normal: Float64Array): { readonly at: (ratio: number) => readonly [number, number] } {
  const table: { readonly shift: number; readonly first: number; readonly ratio: number }[] = [];
  for (let shift = LEAST_MEAN; shift <= MOST_MEAN; shift += MEAN_STEP) {
    let [first, second] = [0, 0];
    for (let i = 0; i < normal.length; i++) {
      const height = Math.max(0, zOf(i) + shift);
      first += normal[i]! * height;
      second += normal[i]! * height * height;
    }
    table.push({ shift, first, ratio: (first * first) / second });
  }
  return {
    at: (ratio) => {
      const found = table.find((entry) => entry.ratio >= ratio) ?? table[table.length - 1]!;
      return [found.shift, found.first];
    },
  };
}
