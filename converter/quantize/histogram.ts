/** Bins on either side of zero. */
const SIDE = 2048;

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

export type HistogramBuilder = {
  /** Counts data[start .. end). All values must be finite; `peak` is their largest magnitude. */
  readonly add: (data: Float32Array, start: number, end: number, peak: number) => void;
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
    add: (data, start, end, peak) => {
      if (peak >= width * SIDE && peak > 0) widen(peak);
      const scale = width > 0 ? 1 / width : 0;
      let exact = 0;
      for (let i = start; i < end; i++) {
        const value = data[i]!;
        if (value === 0) exact++;
        else counts[Math.floor(value * scale) + SIDE]!++;
      }
      zeros += exact;
    },
    build: () => {
      const first = counts.findIndex((count) => count > 0);
      if (first < 0) return { width, zeros, first: 0, counts: [] };
      const last = counts.findLastIndex((count) => count > 0);
      return { width, zeros, first: first - SIDE, counts: Array.from(counts.subarray(first, last + 1)) };
    },
  };
}
