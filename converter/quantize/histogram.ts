/** Bins on either side of zero. */
export const SIDE = 2048;

/**
 * Counts of values in bins of one width, which is a power of two: bin i holds [i * width, (i + 1) * width) for i from -2048 to
 * 2047. When a value falls outside, neighbouring bins merge and the width doubles, so memory is fixed, one pass is enough, and
 * the result does not depend on the order of the values. Exact zeros are counted apart: quantization does not move them.
 */
export type Histogram = {
  readonly width: number;
  readonly zeros: number;
  /** Counts from bin `first` on, without empty ends. */
  readonly first: number;
  readonly counts: readonly number[];
};

/** What one pass over some values finds besides their bins. */
export type Moments = {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** Sum of the squares. */
  readonly squares: number;
};

export type HistogramBuilder = {
  /**
   * Counts data[start .. end), every `stride`-th value for `stride` of them; the moments are those of all values. A sum that is not
   * finite means that a value was not: then the histogram is spoilt.
   */
  readonly add: (data: Float32Array, start: number, end: number, stride?: number) => Moments;
  readonly build: () => Histogram;
};

export function histogramBuilder(): HistogramBuilder {
  let width = 0;
  let zeros = 0;
  const counts = new Float64Array(2 * SIDE);

  const widen = (peak: number): void => {
    const needed = 2 ** Math.ceil(Math.log2(peak / SIDE));
    const next = peak < needed * SIDE ? needed : needed * 2;
    if (width > 0 && next > width) {
      const merged = new Float64Array(2 * SIDE);
      const ratio = next / width;
      for (let i = 0; i < counts.length; i++) merged[Math.floor((i - SIDE) / ratio) + SIDE]! += counts[i]!;
      counts.set(merged);
    }
    width = Math.max(width, next);
  };

  return {
    add: (data, start, end, stride = 1) => {
      const seen = momentsOf(data, start, end);
      const peak = Math.max(seen.max, -seen.min);
      if (peak >= width * SIDE && peak > 0 && peak < Number.POSITIVE_INFINITY) widen(peak);
      if (Number.isFinite(seen.sum)) zeros += countValues(data, start, end, stride, counts, width > 0 ? 1 / width : 0);
      return seen;
    },
    build: () => {
      const first = counts.findIndex((count) => count > 0);
      if (first < 0) return { width, zeros, first: 0, counts: [] };
      const last = counts.findLastIndex((count) => count > 0);
      return { width, zeros, first: first - SIDE, counts: Array.from(counts.subarray(first, last + 1)) };
    },
  };
}

/**
 * Nothing is captured in these loops, where calibration spends its time: the compiler keeps only locals in registers. Nor do they branch
 * on values, of which half are zeros that no processor foresees.
 */
function momentsOf(data: Float32Array, start: number, end: number): Moments {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  for (let i = start; i < end; i++) {
    const value = data[i]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
  }
  // Zero has no sign here.
  return { min: min + 0, max: max + 0, sum, squares };
}

/** Returns how many of the values were exactly zero. */
function countValues(
  data: Float32Array,
  start: number,
  end: number,
  stride: number,
  counts: Float64Array,
  scale: number,
): number {
  let zeros = 0;
  for (let i = start; i < end; i += stride) {
    const value = data[i]!;
    zeros += Number(value === 0);
    counts[Math.floor(value * scale) + SIDE]! += stride;
  }
  zeros *= stride;
  counts[SIDE]! -= zeros;
  return zeros;
}
