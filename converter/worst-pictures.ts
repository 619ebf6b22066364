import { ResedgeError } from '../src/errors.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import type { PictureJudgement } from './judge.ts';

/** A picture that quantization moved across a border between classes, or near to one, with the model's input of it. */
export type WorstPicture = PictureJudgement & {
  /** Batch 1. */
  readonly input: Tensor;
};

/** Pictures kept: enough to look at. */
const FLIPPED = 12;
/** Kept where no label flipped. */
const NARROWEST = 6;

/** The pictures whose label flipped, clearest first; where none did, those with the least margin left. */
export function worstPictures(batches: readonly Tensor[], each: readonly PictureJudgement[]): readonly WorstPicture[] {
  const byMargin = each.toSorted((a, b) => a.margin - b.margin || a.index - b.index);
  const flipped = byMargin.filter(({ reference, quantized }) => reference !== quantized);
  const worst = flipped.length > 0 ? flipped.slice(0, FLIPPED) : byMargin.slice(0, NARROWEST);
  return worst.map((picture) => ({ ...picture, input: pictureAt(batches, picture.index) }));
}

/** A copy of one picture of consecutive batches, as a batch of its own. */
export function pictureAt(batches: readonly Tensor[], index: number): Tensor {
  let start = 0;
  for (const batch of batches) {
    const count = batch.dims[0] ?? 1;
    if (index < start + count) return slice(batch, index - start, count);
    start += count;
  }
  throw new ResedgeError('internal', `no picture ${index} of ${start}`);
}

/** A copy, so that the batch is not kept alive. */
function slice(batch: Tensor, place: number, count: number): Tensor {
  const length = batch.data.length / count;
  const dims = [1, ...batch.dims.slice(1)];
  const span = [place * length, (place + 1) * length] as const;
  switch (batch.dtype) {
    case 'uint8':
      return { dtype: 'uint8', dims, data: batch.data.slice(...span) };
    case 'float32':
      return { dtype: 'float32', dims, data: batch.data.slice(...span) };
    default:
      throw new ResedgeError('internal', `no model takes ${batch.dtype} pictures`);
  }
}
