import { ResedgeError } from '../errors.ts';
import type { Pixels } from '../image/pixels.ts';

/** Most pixels of a picture, which is held in memory as a whole: 67 megapixels. */
export const MAX_PICTURE_PIXELS: number = 2 ** 26;

/** Pixels that pass through the canvas at a time; some browsers leave larger canvases blank without a word. */
const BAND_PIXELS = 2 ** 20;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Something that can be painted, of known size. */
export type Paintable = {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
};

/** Kept from picture to picture, since a camera brings many of one size. Painting and reading back never yield in between. */
let shared: Context | undefined;

/**
 * The pixels of an image in full size, without their alpha. Throws `limit` past MAX_PICTURE_PIXELS and `input` for an image of another
 * site that this page may show and not read. The pixels go into `room` where it has their length, else into new memory.
 */
export function readPixels({ image, width, height }: Paintable, room?: Uint8Array): Pixels {
  if (width * height > MAX_PICTURE_PIXELS)
    throw new ResedgeError(
      'limit',
      `expected a picture of at most ${MAX_PICTURE_PIXELS} pixels, it has ${width} x ${height}: make it smaller`,
    );
  const bytes = width * height * 3;
  const data = room?.length === bytes ? room : new Uint8Array(bytes);
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
  const context = contextOf(width, rows);
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(image, 0, -top, width, height);
    dropAlpha(readBack(context, width, count), data, top * width * 3);
  }
  return { width, height, data };
}

/** Copies the colours of RGBA samples into `out` from `offset` on. */
export function dropAlpha(rgba: Uint8ClampedArray, out: Uint8Array, offset: number): void {
  for (let from = 0, to = offset; from < rgba.length; from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
}

function contextOf(width: number, height: number): Context {
  shared ??= newContext();
  const { canvas } = shared;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return shared;
}

/** A canvas kept in main memory, where reading it back is quick. */
function newContext(): Context {
  const canvas = typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context) return context as Context;
  throw new ResedgeError('unavailable', 'expected a 2D canvas to read pictures with, this browser gives none');
}

function readBack(context: Context, width: number, height: number): Uint8ClampedArray {
  try {
    return context.getImageData(0, 0, width, height).data as Uint8ClampedArray;
  } catch (cause) {
    // What was painted on it makes this canvas unreadable for good.
    shared = undefined;
    throw new ResedgeError(
      'input',
      'expected a picture that this page may read, it comes from another site: load it with crossorigin="anonymous" from a server that allows it (CORS)',
      { cause },
    );
  }
}
