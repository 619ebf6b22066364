import { type Augmentation, drawShift, planEdits } from '../../../converter/train/augment.ts';
import { applyEdits } from '../../../converter/train/edit.ts';
import { PLACES, type Recipe } from '../../../converter/train/recipe.ts';
import { shuffled, streamAt } from '../../../converter/train/stream.ts';
import { targetRows } from '../../../converter/train/targets.ts';
import { resample } from '../../image/resample.ts';
import { normalise } from '../../tensor/normalise.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { LoadedPictures } from './load-pictures.ts';
import type { Batch, BatchSource } from './types.ts';

type BatchRecipe = Pick<Recipe, 'batch' | 'labelSmoothing' | 'augmentation' | 'seed'> & {
  /** The weight of each class's pictures; default: 1. */
  readonly classWeights?: ArrayLike<number>;
};

/**
 * Batches of pictures in an order of its own for every epoch, changed as the recipe says: one shift for a batch, everything else for each
 * picture. What does not fill a last batch is left out of that epoch; fewer pictures than a batch make one.
 */
export function pictureBatches(
  { pictures, pixels }: LoadedPictures,
  classes: number,
  preprocessing: Preprocessing,
  { batch, labelSmoothing, augmentation, seed, classWeights }: BatchRecipe,
): BatchSource {
  const size = preprocessing.inputSize;
  const length = size * size * 3;
  const count = Math.min(batch, pictures.length);
  const { shift, ...own } = augmentation;
  const order = lastOf((epoch) => shuffled(pictures.length, streamAt(seed, PLACES.order, epoch)));
  return {
    batch: count,
    steps: Math.floor(pictures.length / count),
    take: async (epoch, step): Promise<Batch> => {
      const chosen = order(epoch).subarray(step * count, (step + 1) * count);
      const labels = Int32Array.from(chosen, (index) => pictures[index]?.index ?? -1);
      const input = new Float32Array(count * length);
      const moved = shift ? [drawShift(shift, streamAt(seed, PLACES.batch, epoch, step))] : [];
      for (const [place, index] of chosen.entries()) {
        const found = pixels(index);
        const data = found instanceof Uint8Array ? found : await found;
        const edits = [...moved, ...editsOf(own, size, streamAt(seed, PLACES.picture, epoch, index))];
        const edited = applyEdits({ width: size, height: size, data }, edits, stretched);
        normalise(edited.data, preprocessing, input, place * length);
      }
      const weighted = classWeights ? { classWeights } : {};
      return { input, labels, targets: targetRows(labels, { classes, smoothing: labelSmoothing, ...weighted }) };
    },
  };
}

function editsOf(augmentation: Augmentation, size: number, random: () => number): ReturnType<typeof planEdits> {
  return planEdits(augmentation, { width: size, height: size }, size, random);
}

/** Any picture as a square of `size`. */
function stretched(picture: Parameters<typeof resample>[0], size: number): ReturnType<typeof resample> {
  return resample(picture, { width: size, height: size, left: 0, top: 0, size }, {});
}

/** Remembers the last result. */
function lastOf<T>(make: (key: number) => T): (key: number) => T {
  let last: { readonly key: number; readonly value: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}
