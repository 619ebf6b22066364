import { type Taps, WEIGHT_BITS } from './taps.ts';

const HALF = 1 << (WEIGHT_BITS - 1);

/** How the colours of interleaved pixels lie: bytes of a pixel, and the place of each colour in it. */
export type Interleaving = {
  readonly step: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
};

export const RGB: Interleaving = { step: 3, red: 0, green: 1, blue: 2 };

/** Resamples one row of pixels, which begins at `row` of `data`, along x into RGB at `target` of `out`, rounded to 8 bits; `out` clamps. */
export function resampleRow(
  data: Uint8Array,
  row: number,
  { step, red: r, green: g, blue: b }: Interleaving,
  { start, count, weight, stride }: Taps,
  out: Uint8ClampedArray,
  target: number,
): void {
  const columns = start.length;
  let to = target;
  for (let x = 0; x < columns; x++) {
    let source = row + start[x]! * step;
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    const end = x * stride + count[x]!;
    for (let k = x * stride; k < end; k++) {
      const w = weight[k]!;
      red += Math.imul(data[source + r]!, w);
      green += Math.imul(data[source + g]!, w);
      blue += Math.imul(data[source + b]!, w);
      source += step;
    }
    out[to] = red >> WEIGHT_BITS;
    out[to + 1] = green >> WEIGHT_BITS;
    out[to + 2] = blue >> WEIGHT_BITS;
    to += 3;
  }
}

/**
 * Resamples a band of rows of `sums.length` bytes, the first of which is row `firstRow`, along y into `out` at `offset`, its rows
 * `outStride` apart. `sums` is room to work in.
 */
export function resampleColumns(
  band: Uint8ClampedArray,
  { start, count, weight, stride }: Taps,
  firstRow: number,
  out: Uint8ClampedArray,
  offset: number,
  outStride: number,
  sums: Int32Array,
): void {
  const rowBytes = sums.length;
  for (let y = 0; y < start.length; y++) {
    sums.fill(HALF);
    for (let k = 0; k < count[y]!; k++) {
      const w = weight[y * stride + k]!;
      const source = (start[y]! - firstRow + k) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i] = sums[i]! + Math.imul(band[source + i]!, w);
    }
    const target = offset + y * outStride;
    for (let i = 0; i < rowBytes; i++) out[target + i] = sums[i]! >> WEIGHT_BITS;
  }
}
