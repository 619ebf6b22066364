import type { Preprocessing } from '../tensor/preprocessing.ts';

/** The part of a model's preprocessing that says where its input lies in a picture, and how that is resized (default: bilinear). */
export type Geometry = Pick<Preprocessing, 'inputSize' | 'resize'> & Partial<Pick<Preprocessing, 'interpolation'>>;

/**
 * A picture resized to `width` x `height`, of which the square of `size` at (`left`, `top`) is the model's input. A negative
 * offset means that the resized picture is smaller than the square and stands in black.
 */
export type Fit = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly size: number;
};

/**
 * Where a picture of `width` x `height` goes: the shorter side becomes `resize`, the longer one keeps the ratio, truncated to
 * whole pixels, and the square lies in the centre, half pixels going to the even side (the rule of torchvision's `Resize` and
 * `CenterCrop`).
 */
export function fitPicture(width: number, height: number, { inputSize, resize }: Geometry): Fit {
  const longer = Math.trunc((resize * Math.max(width, height)) / Math.min(width, height));
  const [resizedWidth, resizedHeight] = width <= height ? [resize, longer] : [longer, resize];
  return {
    width: resizedWidth,
    height: resizedHeight,
    left: centre(resizedWidth, inputSize),
    top: centre(resizedHeight, inputSize),
    size: inputSize,
  };
}

/** Offset of a centred window: rounded half to even inside the picture, the smaller half of the border in front outside it. */
function centre(extent: number, window: number): number {
  const slack = extent - window;
  if (slack < 0) return Math.ceil(slack / 2) + 0;
  const floor = Math.floor(slack / 2);
  return slack % 2 === 1 && floor % 2 === 1 ? floor + 1 : floor;
}

/** Whether two models see the same pixels of every picture. */
export function seesAlike(a: Geometry, b: Geometry): boolean {
  return geometryText(a) === geometryText(b);
}

/** `224 of 256 pixels, bilinear`. */
export function geometryText({ inputSize, resize, interpolation = 'bilinear' }: Geometry): string {
  return `${inputSize} of ${resize} pixels, ${interpolation}`;
}
