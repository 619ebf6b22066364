/** What may happen to a picture; an absent part does not. */
export type Augmentation = {
  /** A square of this share of the picture's area and this ratio of width to height, both drawn, is cut out and resized. */
  readonly resizedCrop?: { readonly area: Span; readonly ratio: Span };
  /** The picture is moved by up to so many pixels in either direction. */
  readonly shift?: number;
  /** Left and right are swapped, every other time. */
  readonly flip?: boolean;
  /** Largest change of each, as a share: 0.4 draws factors from 0.6 to 1.4. */
  readonly colour?: { readonly brightness: number; readonly contrast: number; readonly saturation: number };
  /** A square of so many pixels is covered (DeVries and Taylor 2017). */
  readonly cutout?: number;
};

type Span = readonly [least: number, most: number];
type Size = { readonly width: number; readonly height: number };

/** One change of a picture, with everything about it decided. */
export type Edit =
  | { readonly kind: 'crop'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'resize'; readonly size: number }
  /** The pixel at (`x`, `y`) comes to (0, 0). */
  | { readonly kind: 'shift'; readonly x: number; readonly y: number }
  | { readonly kind: 'flip' }
  /** Factors; 1 changes nothing. */
  | {
      readonly kind: 'colour';
      readonly brightness: number;
      readonly contrast: number;
      readonly saturation: number;
    }
  | { readonly kind: 'cover'; readonly x: number; readonly y: number; readonly size: number };

/** The augmentation of torchvision's training recipes for the resized crop. */
export const RESIZED_CROP: NonNullable<Augmentation['resizedCrop']> = { area: [0.08, 1], ratio: [3 / 4, 4 / 3] };

/** Tries before a crop that does not fit is given up. */
const CROP_TRIES = 10;

/**
 * Draws what happens to one picture of `picture` pixels on its way to a square of `size`. The numbers are drawn in a fixed order.
 * Without a resized crop the picture is taken to be that square.
 */
export function planEdits(
  { resizedCrop, shift, flip, colour, cutout }: Augmentation,
  picture: Size,
  size: number,
  random: () => number,
): readonly Edit[] {
  const edits: Edit[] = [];
  if (resizedCrop) edits.push({ kind: 'crop', ...drawCrop(resizedCrop, picture, random) }, { kind: 'resize', size });
  if (shift) edits.push(drawShift(shift, random));
  if (flip && random() < 0.5) edits.push({ kind: 'flip' });
  if (colour) {
    const factor = (most: number): number => 1 + most * (2 * random() - 1);
    const { brightness, contrast, saturation } = colour;
    edits.push({
      kind: 'colour',
      brightness: factor(brightness),
      contrast: factor(contrast),
      saturation: factor(saturation),
    });
  }
  if (cutout) {
    const corner = (): number => Math.floor(random() * size) - Math.floor(cutout / 2);
    edits.push({ kind: 'cover', x: corner(), y: corner(), size: cutout });
  }
  return edits;
}

/** A shift by up to `most` pixels in either direction, which a whole batch may share. */
export function drawShift(most: number, random: () => number): Edit {
  const offset = (): number => Math.floor(random() * (2 * most + 1)) - most;
  return { kind: 'shift', x: offset(), y: offset() };
}

/** Ratios are drawn evenly on a logarithmic scale (Szegedy et al. 2014); what never fits becomes the largest square in the centre. */
function drawCrop(
  { area, ratio }: NonNullable<Augmentation['resizedCrop']>,
  { width, height }: Size,
  random: () => number,
): Size & { readonly x: number; readonly y: number } {
  for (let tries = 0; tries < CROP_TRIES; tries++) {
    const pixels = width * height * (area[0] + random() * (area[1] - area[0]));
    const shape = ratio[0] * (ratio[1] / ratio[0]) ** random();
    const wide = Math.round(Math.sqrt(pixels * shape));
    const high = Math.round(Math.sqrt(pixels / shape));
    if (wide < 1 || high < 1 || wide > width || high > height) continue;
    const x = Math.floor(random() * (width - wide + 1));
    const y = Math.floor(random() * (height - high + 1));
    return { x, y, width: wide, height: high };
  }
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}
