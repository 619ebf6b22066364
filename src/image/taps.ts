import type { Interpolation } from '../tensor/preprocessing.ts';

/** Fraction bits of a weight. The sum of weighted 8-bit pixels and its rounding half stay below 2^31. */
export const WEIGHT_BITS = 22;

/**
 * Weights of one axis for the output positions `from` (inclusive) to `to` (exclusive). Position `from + i` is the sum over k < `count[i]`
 * of `input[start[i] + k] * weight[i * stride + k]`, in units of 2^-22.
 */
export type Taps = {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weight: Int32Array;
  readonly stride: number;
};

type Kernel = {
  /** Input pixels on either side when enlarging. */
  readonly reach: number;
  /** Whether it has a variance; the cubic's is 0. */
  readonly spreads: boolean;
  readonly at: (distance: number) => number;
};

/** The cubic is that of Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -0.5. */
const KERNELS: Readonly<Record<Interpolation, Kernel>> = {
  bilinear: { reach: 1, spreads: true, at: (x) => Math.max(0, 1 - x) },
  bicubic: {
    reach: 2,
    spreads: false,
    at: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0),
  },
};

/**
 * The filter that resamples an axis of `extent` pixels, of which the first `pixels` are there, to `outputSize`, widened by the ratio when
 * reducing (antialiasing). Bounds, normalisation and rounding are those of Pillow's 8-bit resampling. For `prefiltered` pixels, each
 * already a kernel of its reach on either side, it is narrower by so much that the variances add up.
 */
export function filterTaps(
  { interpolation, prefiltered }: { readonly interpolation: Interpolation; readonly prefiltered: boolean },
  { pixels, extent }: { readonly pixels: number; readonly extent: number },
  outputSize: number,
  from: number,
  to: number,
): Taps {
  const scale = extent / outputSize;
  const { reach, spreads, at } = KERNELS[interpolation];
  const width = Math.max(1, prefiltered && spreads ? Math.sqrt(scale * scale - 1) : scale);
  const inverse = 1 / width;
  const support = reach * width;
  const stride = Math.ceil(support) * 2 + 1;
  const length = to - from;
  const start = new Int32Array(length);
  const count = new Int32Array(length);
  const weight = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const centre = (from + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const taps = Math.min(pixels, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const value = at(Math.abs((k + first - centre + 0.5) * inverse));
      exact[k] = value;
      sum += value;
    }
    for (let k = 0; k < taps; k++) {
      const share = (exact[k]! / sum) * 2 ** WEIGHT_BITS;
      weight[i * stride + k] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    }
    start[i] = first;
    count[i] = taps;
  }
  return { start, count, weight, stride };
}
