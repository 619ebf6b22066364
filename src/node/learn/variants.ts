import { type Augmentation, planEdits } from '../../../converter/train/augment.ts';
import { applyEdits, type Picture } from '../../../converter/train/edit.ts';
import { streamAt } from '../../../converter/train/stream.ts';
import type { Pixels } from '../../image/pixels.ts';
import { resizeAndCrop } from '../../image/resize-and-crop.ts';

/** Mild changes: features of a network that is not trained along say little about strong ones. */
export const AUGMENTATION: Augmentation = {
  resizedCrop: { area: [0.7, 1], ratio: [1, 1] },
  flip: true,
  colour: { brightness: 0.1, contrast: 0.1, saturation: 0.1 },
};

/** How pictures are varied: seeded, and by their content, whatever their order. */
export type Variation = { readonly count: number; readonly seed: number };

/** The picture of `hash` and its variants. */
export function withVariants(pixels: Pixels, hash: string, { count, seed }: Variation): readonly Pixels[] {
  const place = Number.parseInt(hash.slice(0, 8), 16);
  const variants = Array.from({ length: count }, (_, variant) => {
    const edits = planEdits(AUGMENTATION, pixels, pixels.width, streamAt(seed, place, variant));
    return applyEdits(pixels, edits, stretch);
  });
  return [pixels, ...variants];
}

/** Crops are squares. */
function stretch(picture: Picture, size: number): Picture {
  return resizeAndCrop(picture, { inputSize: size, resize: size, interpolation: 'bilinear' });
}
