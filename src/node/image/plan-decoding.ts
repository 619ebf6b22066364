import { type Fit, fitPicture, type Geometry } from '../../image/fit.ts';
import type { Header } from './sniff.ts';

/** A picture before it is decoded. */
export type Description = Header & {
  readonly format: string;
  /** Whether its first pixel as stored is its upper left one. */
  readonly upright: boolean;
};

type Size = { readonly width: number; readonly height: number };

/** sharp's names of the kernels that are used; its cubic is Pillow's, a = -0.5. */
export type Kernel = 'linear' | 'cubic' | 'mitchell';

/** How sharp reduces a picture while it decodes. */
export type Reduction = Size & {
  readonly kernel: Kernel;
  /** Decode a JPEG at the smallest scale that is not below the wanted size; false: not below twice of it. */
  readonly fast: boolean;
};

export type Decoding =
  /** Decoded as it is, resized by src/image. */
  | { readonly kind: 'whole' }
  /** Reduced to the resized picture, and cropped. */
  | { readonly kind: 'direct'; readonly fit: Fit; readonly reduction: Reduction }
  /** Reduced to about twice the resized picture; the rest is done by src/image. `extent` is the size of the whole picture at that scale. */
  | {
      readonly kind: 'near';
      readonly fit: Fit;
      readonly reduction: Reduction;
      readonly extent: Size;
      /** Decode a JPEG at its full scale. */
      readonly full: boolean;
    };

/**
 * Up to these ratios of reduction one step of sharp stays within 0.7 levels of 255 of Pillow (mean, on pictures as
 * test/golden/image/generate.py draws them); beyond them it only brings the picture near its size. A JPEG goes further, since it is
 * decoded at a reduced scale.
 */
const DIRECT_RATIO = 4;
const DIRECT_RATIO_JPEG = 32;

/**
 * Below this ratio, from the scale at which a JPEG was decoded on, the linear kernel blurs more than it should, since every pixel is a mean
 * of 16 or 64 already, and Mitchell's comes closer: at a ratio of 2, 0.4 levels instead of 0.66.
 */
const MITCHELL_RATIO = 2.25;

/** Shorter side of the picture that sharp leaves for the last step: at least this, and at least twice the wanted one. */
const NEAR = 256;

/** How to decode what `geometry` wants of a picture. */
export function planDecoding(picture: Description, geometry: Geometry): Decoding {
  const { cmyk, alpha, format, width, height } = picture;
  const shorter = Math.min(width, height);
  const { inputSize, resize, interpolation = 'bilinear' } = geometry;
  // sharp weights colours by alpha and enlarges by another rule than Pillow: then it decodes only.
  if (cmyk || alpha || format === 'svg' || shorter <= resize || resize < inputSize) return { kind: 'whole' };
  const fit = fitPicture(width, height, geometry);
  const kernel = interpolation === 'bicubic' ? 'cubic' : 'linear';
  const direct = (chosen: Kernel): Decoding => {
    return { kind: 'direct', fit, reduction: { width: fit.width, height: fit.height, kernel: chosen, fast: false } };
  };
  if (format !== 'jpeg') {
    if (shorter < resize * DIRECT_RATIO) return direct(kernel);
  } else if (shorter < resize * DIRECT_RATIO_JPEG) {
    const ratio = ratioOf(picture, fit);
    const shrink = shrinkOnLoad(ratio, false);
    const isMean = shrink >= 4 && ratio < shrink * MITCHELL_RATIO;
    if (isKeptWhole(picture, shrink)) return direct(isMean && kernel === 'linear' ? 'mitchell' : kernel);
  }
  const near = Math.max(NEAR, 2 * resize);
  return shorter > near ? planNear(picture, fit, near / shorter, kernel) : { kind: 'whole' };
}

function planNear(picture: Description, fit: Fit, scale: number, kernel: Kernel): Decoding {
  const { format, upright } = picture;
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const shrink = format === 'jpeg' ? shrinkOnLoad(ratioOf(picture, { width, height }), true) : 1;
  // Of a turned picture the part that is missing lies elsewhere.
  const full = !upright && !isKeptWhole(picture, shrink);
  const extentOf = (side: number, reduced: number): number => (full ? reduced : (reduced * side) / kept(side, shrink));
  const extent = { width: extentOf(picture.width, width), height: extentOf(picture.height, height) };
  return { kind: 'near', fit, reduction: { width, height, kernel, fast: true }, extent, full };
}

function ratioOf(picture: Size, { width, height }: Size): number {
  return Math.min(picture.width / width, picture.height / height);
}

/** By how much sharp 0.35 decodes a JPEG smaller that it has to reduce by `ratio`. */
export function shrinkOnLoad(ratio: number, fast: boolean): number {
  const spare = fast ? 1 : 2;
  const shrink = [8, 4, 2].find((factor) => ratio >= factor * spare) ?? 1;
  return shrink > 1 && Math.trunc(ratio) === shrink ? shrink / 2 : shrink;
}

/** The pixels of a side that are in a JPEG decoded at 1/`shrink`: libvips drops a last one that would stand for fewer than `shrink`. */
function kept(side: number, shrink: number): number {
  return side - (side % shrink);
}

function isKeptWhole({ width, height }: Size, shrink: number): boolean {
  return kept(width, shrink) === width && kept(height, shrink) === height;
}
