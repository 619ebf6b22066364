import type { Fit } from './fit.ts';
import type { Pixels } from './pixels.ts';
import { type Taps, triangleTaps, WEIGHT_BITS } from './taps.ts';

const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * The square that `fit` cuts out of the resized picture, bilinear with antialiasing, bit for bit as Pillow's
 * `resize(BILINEAR)` followed by a crop. Only rows and columns that the square needs are computed; outside the picture it is black.
 * A `prefiltered` picture has been reduced from a larger one by the same filter, and both steps together shall act as one.
 */
export function resample(pixels: Pixels, fit: Fit, prefiltered = false): Pixels {
  const { width, height, left, top, size } = fit;
  const x0 = Math.max(0, left);
  const y0 = Math.max(0, top);
  const columns = triangleTaps(pixels.width, width, x0, Math.min(width, left + size), prefiltered);
  const rows = triangleTaps(pixels.height, height, y0, Math.min(height, top + size), prefiltered);
  const firstRow = rows.start[0]!;
  const last = rows.start.length - 1;
  const band = horizontal(pixels, columns, firstRow, rows.start[last]! + rows.count[last]!);
  const out = new Uint8Array(size * size * 3);
  vertical(band, columns.start.length * 3, rows, firstRow, out, ((y0 - top) * size + x0 - left) * 3, size * 3);
  return { width: size, height: size, data: out };
}

/** Rows `fromRow` to `toRow` of the picture, resampled along x, rounded to 8 bits. */
function horizontal(pixels: Pixels, taps: Taps, fromRow: number, toRow: number): Uint8Array {
  const { data, width } = pixels;
  const { start, count, weight, stride } = taps;
  const columns = start.length;
  const out = new Uint8Array((toRow - fromRow) * columns * 3);
  let target = 0;
  for (let y = fromRow; y < toRow; y++) {
    const row = y * width;
    for (let x = 0; x < columns; x++) {
      let source = (row + start[x]!) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const end = x * stride + count[x]!;
      for (let k = x * stride; k < end; k++) {
        const w = weight[k]!;
        red += Math.imul(data[source]!, w);
        green += Math.imul(data[source + 1]!, w);
        blue += Math.imul(data[source + 2]!, w);
        source += 3;
      }
      out[target] = red >> WEIGHT_BITS;
      out[target + 1] = green >> WEIGHT_BITS;
      out[target + 2] = blue >> WEIGHT_BITS;
      target += 3;
    }
  }
  return out;
}

/** Resamples a band of rows of `rowBytes`, the first of which is row `firstRow`, along y into `out` at `offset`. */
function vertical(
  band: Uint8Array,
  rowBytes: number,
  taps: Taps,
  firstRow: number,
  out: Uint8Array,
  offset: number,
  outStride: number,
): void {
  const { start, count, weight, stride } = taps;
  const sums = new Int32Array(rowBytes);
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
