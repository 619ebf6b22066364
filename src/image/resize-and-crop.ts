import { crop } from './crop.ts';
import { fitPicture, type Geometry } from './fit.ts';
import type { Pixels } from './pixels.ts';
import { resample } from './resample.ts';

/**
 * The square of `inputSize` that a model sees of a picture: shorter side to `resize`, centred crop. A picture that already is that
 * square comes back as it is, without a copy.
 */
export function resizeAndCrop(pixels: Pixels, geometry: Geometry): Pixels {
  const { width, height } = pixels;
  const fit = fitPicture(width, height, geometry);
  if (fit.width !== width || fit.height !== height) return resample(pixels, fit, geometry);
  if (width === fit.size && height === fit.size) return pixels;
  return crop(pixels, fit.left, fit.top, fit.size);
}
