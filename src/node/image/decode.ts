import type { SharpOptions } from 'sharp';
import { ResedgeError } from '../../errors.ts';
import { fitPicture, type Geometry } from '../../image/fit.ts';
import type { Pixels } from '../../image/pixels.ts';
import { resample } from '../../image/resample.ts';
import { resizeAndCrop } from '../../image/resize-and-crop.ts';
import { loadSharp, type Sharp } from './load-sharp.ts';
import { type Header, sniffJpeg } from './sniff.ts';
import { toRgb } from './to-rgb.ts';

/** Most pixels of a picture that is reduced while it is decoded: 268 megapixels. */
export const MAX_PICTURE_PIXELS: number = 2 ** 28;

/** Most pixels of a picture that has to be held in memory as a whole (to be enlarged, with transparency, CMYK): 33 megapixels. */
export const MAX_WHOLE_PIXELS: number = 2 ** 25;

/**
 * From these ratios of reduction on, sharp only brings the picture near its size. Up to them one step of sharp stays within 0.7
 * levels of 255 of Pillow (mean, on pictures as test/golden/image/generate.py draws them). JPEGs of whole 8 x 8 blocks go
 * further: of the others sharp drops a part of the last block when it decodes at a reduced scale, and shifts the picture by it
 * (up to 4.3 levels), so they are not decoded that way.
 */
const NEAR_RATIO = 4;
const NEAR_RATIO_BLOCKS = 32;

/** Shorter side of the picture that sharp leaves for the last step: at least this, and at least twice the wanted one. */
const NEAR = 256;

type Description = Header & { readonly format: string };

/**
 * Decodes a picture and cuts out what a model sees of it. Colours follow Pillow's `convert('RGB')`: profiles are ignored,
 * transparency is dropped, CMYK is converted by its plain formula, 16 bits lose their lower half. The picture stands upright; a
 * vector drawing is painted on white; an animation gives its first frame.
 */
export async function decode(bytes: Uint8Array, geometry: Geometry): Promise<Pixels> {
  const sharp = await loadSharp();
  const header = sniffJpeg(bytes);
  const picture = header === undefined ? await describe(sharp, bytes) : { ...header, format: 'jpeg' };
  const { cmyk, alpha, width, height } = picture;
  const shorter = Math.min(width, height);
  const { inputSize, resize } = geometry;
  const near = Math.max(NEAR, 2 * resize);
  // sharp weights colours by alpha and enlarges by another rule than Pillow: then it decodes only.
  if (cmyk || alpha || picture.format === 'svg' || shorter <= resize || resize < inputSize) {
    return decodeWhole(sharp, bytes, picture, geometry);
  }
  if (shorter < resize * (hasWholeBlocks(picture) ? NEAR_RATIO_BLOCKS : NEAR_RATIO)) {
    return decodeReduced(sharp, bytes, picture, geometry);
  }
  return shorter > near
    ? decodeNear(sharp, bytes, picture, near, geometry)
    : decodeWhole(sharp, bytes, picture, geometry);
}

function hasWholeBlocks({ format, width, height }: Description): boolean {
  return format === 'jpeg' && width % 8 === 0 && height % 8 === 0;
}

/** How pictures are decoded: upright, as stored, and whole or not at all. */
export function decodeOptions(maxPixels: number): SharpOptions {
  return { ignoreIcc: true, autoOrient: true, failOn: 'error', limitInputPixels: maxPixels };
}

async function describe(sharp: Sharp, bytes: Uint8Array): Promise<Description> {
  const { format, space, hasAlpha, autoOrient } = await sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS)).metadata();
  return { ...autoOrient, cmyk: space === 'cmyk', alpha: hasAlpha, format };
}

/**
 * sharp's name of an interpolation; its cubic is Pillow's, a = -0.5. It resamples columns first and Pillow rows, which shows where the
 * cubic overshoots 8 bits in between: by 2.4 levels in a dither of black and white.
 */
function kernelOf({ interpolation = 'bilinear' }: Geometry): 'linear' | 'cubic' {
  return interpolation === 'bicubic' ? 'cubic' : 'linear';
}

/** Resized and cropped by sharp, while it decodes. */
async function decodeReduced(sharp: Sharp, bytes: Uint8Array, picture: Header, geometry: Geometry): Promise<Pixels> {
  const { width, height, left, top, size } = fitPicture(picture.width, picture.height, geometry);
  const pipeline = sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS))
    .resize(width, height, { fit: 'fill', kernel: kernelOf(geometry), fastShrinkOnLoad: false })
    .extract({ left, top, width: size, height: size });
  return pixelsOf(pipeline);
}

/** Reduced by sharp until the shorter side is `near`, then resized the rest of the way. */
async function decodeNear(
  sharp: Sharp,
  bytes: Uint8Array,
  picture: Description,
  near: number,
  geometry: Geometry,
): Promise<Pixels> {
  const scale = near / Math.min(picture.width, picture.height);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const pipeline = sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS)).resize(width, height, {
    fit: 'fill',
    kernel: kernelOf(geometry),
  });
  // A colour space named for the pipeline keeps sharp from decoding at a reduced scale.
  if (!hasWholeBlocks(picture)) pipeline.pipelineColourspace('srgb');
  const fit = fitPicture(picture.width, picture.height, geometry);
  return resample(await pixelsOf(pipeline), fit, { ...geometry, prefiltered: true });
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
