import { ResedgeError } from '../errors.ts';
import type { Geometry } from '../image/fit.ts';
import type { Pixels } from '../image/pixels.ts';
import { resizeAndCrop } from '../image/resize-and-crop.ts';
import { oneLine } from '../runtime/explain.ts';
import { dropAlpha, type Paintable, readPixels } from './read-pixels.ts';

/** A picture as a browser has it: a file, an image decoded or shown, or what a camera shows now. */
export type Picture =
  | Blob
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame;

/**
 * What a model sees of a picture: `inputSize` x `inputSize` RGB. Files and image elements stand upright as their EXIF says, with
 * colour profiles ignored. Throws `input` for a picture that cannot be decoded, is not there yet or may not be read, and `limit` for one that
 * is too large. The caller's bitmaps and frames stay open.
 */
export async function readPicture(picture: Picture, geometry: Geometry): Promise<Pixels> {
  return resizeAndCrop(await pixelsOf(picture), geometry);
}

async function pixelsOf(picture: Picture): Promise<Pixels> {
  if (is(picture, 'ImageData')) return withoutAlpha(picture);
  if (is(picture, 'Blob') || is(picture, 'HTMLImageElement')) {
    const image = await decode(picture);
    try {
      return readPixels({ image, width: image.width, height: image.height });
    } finally {
      image.close();
    }
  }
  const paintable = sized(picture);
  if (paintable.width > 0 && paintable.height > 0) return readPixels(paintable);
  throw new ResedgeError('input', 'expected a picture, it has no pixels yet or no more: wait for it, or open it again');
}

function withoutAlpha({ width, height, data }: ImageData): Pixels {
  if (!(data instanceof Uint8ClampedArray))
    throw new ResedgeError('unsupported', 'expected ImageData of 8 bits, it has 16: ask for pixelFormat rgba-unorm8');
  const rgb = new Uint8Array(width * height * 3);
  dropAlpha(data, rgb, 0);
  return { width, height, data: rgb };
}

function sized(image: Exclude<Picture, Blob | ImageData | HTMLImageElement>): Paintable {
  if (is(image, 'VideoFrame')) return { image, width: image.displayWidth, height: image.displayHeight };
  if (!is(image, 'HTMLVideoElement')) return { image, width: image.width, height: image.height };
  const shown = image.readyState >= image.HAVE_CURRENT_DATA;
  return { image, width: shown ? image.videoWidth : 0, height: shown ? image.videoHeight : 0 };
}

/** The colours as they are stored: browsers else convert profiles, which models were not trained on. */
async function decode(source: Blob | HTMLImageElement): Promise<ImageBitmap> {
  try {
    if (is(source, 'HTMLImageElement')) await source.decode();
    return await createImageBitmap(source, { colorSpaceConversion: 'none', imageOrientation: 'from-image' });
  } catch (cause) {
    throw new ResedgeError(
      'input',
      `${nameOf(source)}: expected a picture that this browser decodes (JPEG, PNG, WebP, ...), it says: ${oneLine(cause)}`,
      { cause },
    );
  }
}

function nameOf(source: Blob | HTMLImageElement): string {
  if (is(source, 'HTMLImageElement')) return source.src.slice(0, 200) || 'image element';
  return source instanceof File ? source.name : `picture of ${source.size} bytes`;
}

type Interfaces = {
  readonly Blob: Blob;
  readonly ImageData: ImageData;
  readonly HTMLImageElement: HTMLImageElement;
  readonly HTMLVideoElement: HTMLVideoElement;
  readonly VideoFrame: VideoFrame;
};

/** `instanceof`, false where this page, worker or browser has no such thing. */
function is<K extends keyof Interfaces>(value: unknown, name: K): value is Interfaces[K] {
  const known: unknown = (globalThis as Readonly<Record<string, unknown>>)[name];
  return typeof known === 'function' && value instanceof known;
}
