import type { SharpOptions } from 'sharp';
import { ResedgeError } from '../../errors.ts';
import type { Geometry } from '../../image/fit.ts';
import type { Pixels } from '../../image/pixels.ts';
import { resample } from '../../image/resample.ts';
import { resizeAndCrop } from '../../image/resize-and-crop.ts';
import { loadSharp, type Sharp } from './load-sharp.ts';
import { type Description, planDecoding, type Reduction } from './plan-decoding.ts';
import { sniffJpeg } from './sniff.ts';
import { toRgb } from './to-rgb.ts';

/** Most pixels of a picture that is reduced while it is decoded: 268 megapixels. */
export const MAX_PICTURE_PIXELS: number = 2 ** 28;

/** Most pixels of a picture that has to be held in memory as a whole (to be enlarged, with transparency, CMYK): 33 megapixels. */
export const MAX_WHOLE_PIXELS: number = 2 ** 25;

/**
 * Decodes a picture and cuts out what a model sees of it. Colours follow Pillow's `convert('RGB')`: profiles are ignored,
 * transparency is dropped, CMYK is converted by its plain formula, 16 bits lose their lower half. The picture stands upright; a
 * vector drawing is painted on white; an animation gives its first frame.
 */
export async function decode(bytes: Uint8Array, geometry: Geometry): Promise<Pixels> {
  const sharp = await loadSharp();
  const header = sniffJpeg(bytes);
  const picture = header === undefined ? await describe(sharp, bytes) : { ...header, format: 'jpeg', upright: true };
  const decoding = planDecoding(picture, geometry);
  switch (decoding.kind) {
    case 'whole':
      return decodeWhole(sharp, bytes, picture, geometry);
    case 'direct': {
      const { left, top, size } = decoding.fit;
      return pixelsOf(reduced(sharp, bytes, decoding.reduction).extract({ left, top, width: size, height: size }));
    }
    case 'near': {
      const { fit, reduction, extent, full } = decoding;
      const pipeline = reduced(sharp, bytes, reduction);
      // A colour space named for the pipeline keeps sharp from decoding at a reduced scale.
      const pixels = await pixelsOf(full ? pipeline.pipelineColourspace('srgb') : pipeline);
      return resample(pixels, fit, { ...geometry, prefiltered: true, extent });
    }
  }
}

/** How pictures are decoded: upright, as stored, and whole or not at all. */
export function decodeOptions(maxPixels: number): SharpOptions {
  return { ignoreIcc: true, autoOrient: true, failOn: 'error', limitInputPixels: maxPixels };
}

async function describe(sharp: Sharp, bytes: Uint8Array): Promise<Description> {
  const {
    format,
    space,
    hasAlpha,
    autoOrient,
    orientation = 1,
  } = await sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS)).metadata();
  return { ...autoOrient, cmyk: space === 'cmyk', alpha: hasAlpha, format, upright: orientation === 1 };
}

/**
 * Resized by sharp, while it decodes. It resamples columns first and Pillow rows, which shows where the cubic overshoots 8 bits in
 * between: by 2.4 levels in a dither of black and white.
 */
function reduced(sharp: Sharp, bytes: Uint8Array, { width, height, kernel, fast }: Reduction): ReturnType<Sharp> {
  const options = { fit: 'fill', kernel, fastShrinkOnLoad: fast } as const;
  return sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS)).resize(width, height, options);
}

/** Decoded as it is, then resized. */
async function decodeWhole(sharp: Sharp, bytes: Uint8Array, picture: Description, geometry: Geometry): Promise<Pixels> {
  if (picture.width * picture.height > MAX_WHOLE_PIXELS) {
    const came = `${picture.width} x ${picture.height}`;
    throw new ResedgeError(
      'limit',
      `expected at most ${MAX_WHOLE_PIXELS} pixels for a picture of its kind, received ${came}`,
    );
  }
  let pipeline = sharp(bytes, decodeOptions(MAX_WHOLE_PIXELS));
  if (picture.format === 'svg') pipeline = pipeline.flatten({ background: '#ffffff' });
  if (picture.cmyk) pipeline = pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
  return resizeAndCrop(await pixelsOf(pipeline, picture.cmyk), geometry);
}

async function pixelsOf(pipeline: ReturnType<Sharp>, cmyk = false): Promise<Pixels> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return toRgb(data, info.width, info.height, info.channels, cmyk);
}
