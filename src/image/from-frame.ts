import { ResedgeError } from '../errors.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import { fitPicture } from './fit.ts';
import { checkFrame, type FrameShape, type PixelFormat, type RawPicture } from './frame.ts';
import { yuvRows } from './from-frame-rows.ts';
import { planResampling } from './resample.ts';
import { type Interleaving, RGB, resampleColumns, resampleRow } from './resample-rows.ts';
import { type InputTensor, toInput } from './to-input.ts';

/** A part of a frame, in its pixels. */
export type Region = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** The part to look at, the same for every frame or by the frame's size. */
export type RegionChoice = Region | ((frame: FrameShape) => Region);

/** Writes what the model sees of a frame into `out`, a tensor for one picture. */
export type FramePreparer = (frame: RawPicture, out: InputTensor) => InputTensor;

/** Formats that are resampled where they lie. */
const PACKED: Readonly<Partial<Record<PixelFormat, Interleaving>>> = {
  rgb24: RGB,
  bgrx: { step: 4, red: 2, green: 1, blue: 0 },
};

/**
 * Prepares frames of any format for a model: colour conversion, resize (antialiased) and crop in one pass over the rows that the model
 * sees, byte for byte as `resizeAndCrop` of the converted region. Room to work in is allocated when a frame of another shape comes, not
 * for each frame. Throws code `input` for a frame shorter than its shape says and `usage` for a region outside the frame.
 */
export function createFramePreparer(preprocessing: Preprocessing, region?: RegionChoice): FramePreparer {
  let shape: FrameShape | undefined;
  let read: (data: Uint8Array) => Uint8Array = (data) => data;
  const size = preprocessing.inputSize;
  return (frame, out) => {
    checkFrame(frame);
    if (shape === undefined || !sameShape(shape, frame)) {
      read = squareReader(frame, expectRegion(frame, region), preprocessing);
      shape = { ...frame };
    }
    return toInput({ width: size, height: size, data: read(frame.data) }, preprocessing, out);
  };
}

function sameShape(a: FrameShape, b: FrameShape): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.stride === b.stride &&
    a.format === b.format &&
    (a.range ?? 'limited') === (b.range ?? 'limited')
  );
}

function expectRegion(frame: FrameShape, choice?: RegionChoice): Region {
  const { width, height } = frame;
  if (choice === undefined) return { x: 0, y: 0, width, height };
  const region = typeof choice === 'function' ? choice(frame) : choice;
  const whole = [region.x, region.y, region.width, region.height].every(Number.isInteger);
  const inside =
    region.x >= 0 && region.y >= 0 && region.x + region.width <= width && region.y + region.height <= height;
  if (whole && inside && region.width > 0 && region.height > 0) return region;
  const came = `${region.x},${region.y},${region.width},${region.height}`;
  throw new ResedgeError(
    'usage',
    `expected a region x,y,w,h inside the frame of ${width} x ${height}, received ${came}`,
  );
}

/** Reads the RGB square out of frames of one shape; the same memory comes back every time. */
function squareReader(
  shape: FrameShape,
  region: Region,
  preprocessing: Preprocessing,
): (data: Uint8Array) => Uint8Array {
  const fit = fitPicture(region.width, region.height, preprocessing);
  const { columns, rows, firstRow, lastRow, offset } = planResampling(region, fit, preprocessing);
  const rowBytes = columns.start.length * 3;
  const band = new Uint8ClampedArray((lastRow - firstRow) * rowBytes);
  const sums = new Int32Array(rowBytes);
  const square = new Uint8ClampedArray(fit.size * fit.size * 3);
  const bytes = new Uint8Array(square.buffer);
  const packed = PACKED[shape.format];
  const last = columns.start.length - 1;
  const left = columns.start[0]!;
  const right = columns.start[last]! + columns.count[last]!;
  const converted = new Uint8ClampedArray(packed === undefined ? right * 3 : 0);
  const view = new Uint8Array(converted.buffer);
  const convert = yuvRows(shape);
  return (data) => {
    for (let y = firstRow; y < lastRow; y++) {
      const target = (y - firstRow) * rowBytes;
      const row = region.y + y;
      if (packed !== undefined) {
        resampleRow(data, row * shape.stride + region.x * packed.step, packed, columns, band, target);
      } else {
        convert(data, row, region.x + left, region.x + right, converted, left * 3);
        resampleRow(view, 0, RGB, columns, band, target);
      }
    }
    resampleColumns(band, rows, firstRow, square, offset, fit.size * 3, sums);
    return bytes;
  };
}
