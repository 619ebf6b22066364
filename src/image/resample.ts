import type { Interpolation } from '../tensor/preprocessing.ts';
import type { Fit } from './fit.ts';
import type { Pixels } from './pixels.ts';
import { RGB, resampleColumns, resampleRow } from './resample-rows.ts';
import { filterTaps, type Taps } from './taps.ts';

/**
 * The square that `fit` cuts out of the resized picture, antialiased, bit for bit as Pillow's `resize(BILINEAR)` or `resize(BICUBIC)`
 * followed by a crop. Only rows and columns that the square needs are computed; outside the picture it is black.
 */
export function resample(pixels: Pixels, fit: Fit, filter: Filter): Pixels {
  const { size } = fit;
  const { columns, rows, firstRow, lastRow, offset } = planResampling(pixels, fit, filter);
  const rowBytes = columns.start.length * 3;
  const band = new Uint8ClampedArray((lastRow - firstRow) * rowBytes);
  for (let y = firstRow; y < lastRow; y++) {
    resampleRow(pixels.data, y * pixels.width * 3, RGB, columns, band, (y - firstRow) * rowBytes);
  }
  const out = new Uint8ClampedArray(size * size * 3);
  resampleColumns(band, rows, firstRow, out, offset, size * 3, new Int32Array(rowBytes));
  return { width: size, height: size, data: new Uint8Array(out.buffer) };
}

/**
 * `prefiltered`: the picture was reduced from a larger one by the same filter, and both steps together shall act as one. `extent`: its
 * size in pixels, where less than a pixel at its right and lower edges is missing (default: the pixels' own).
 */
type Filter = {
  readonly interpolation?: Interpolation;
  readonly prefiltered?: boolean;
  readonly extent?: { readonly width: number; readonly height: number };
};

export type Resampling = {
  readonly columns: Taps;
  readonly rows: Taps;
  /** Source rows that the square needs: from the first to before the last. */
  readonly firstRow: number;
  readonly lastRow: number;
  /** Byte of the RGB square at which the picture begins in it. */
  readonly offset: number;
};

/** The weights, rows and place of the square that `fit` cuts out of a picture. */
export function planResampling(
  picture: { readonly width: number; readonly height: number },
  { width, height, left, top, size }: Fit,
  { interpolation = 'bilinear', prefiltered = false, extent = picture }: Filter,
): Resampling {
  const x0 = Math.max(0, left);
  const y0 = Math.max(0, top);
  const filter = { interpolation, prefiltered };
  const [x1, y1] = [Math.min(width, left + size), Math.min(height, top + size)];
  const columns = filterTaps(filter, { pixels: picture.width, extent: extent.width }, width, x0, x1);
  const rows = filterTaps(filter, { pixels: picture.height, extent: extent.height }, height, y0, y1);
  const last = rows.start.length - 1;
  return {
    columns,
    rows,
    firstRow: rows.start[0]!,
    lastRow: rows.start[last]! + rows.count[last]!,
    offset: ((y0 - top) * size + x0 - left) * 3,
  };
}
