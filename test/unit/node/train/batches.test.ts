import { expect, test } from 'vitest';
import { pictureBatches } from '../../../../src/node/train/batches.ts';
import type { LoadedPictures } from '../../../../src/node/train/load-pictures.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';

const SIZE = 4;
const LENGTH = SIZE * SIZE * 3;

const preprocessing: Preprocessing = {
  ...{ input: 'float', layout: 'nchw', channels: 'rgb', inputSize: SIZE, resize: SIZE, interpolation: 'bilinear' },
  ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
};

/** Ten pictures, each of one value, its number. */
const loaded: LoadedPictures = {
  pictures: Array.from({ length: 10 }, (_, i) => ({ path: `${i}`, index: i % 2 })),
  pixels: (i) => new Uint8Array(LENGTH).fill(i),
  skipped: [],
};
const recipe = { batch: 4, labelSmoothing: 0, augmentation: {}, seed: 5 };

test('batches hold every picture at most once an epoch, with its label, in another order each time', async () => {
  const source = pictureBatches(loaded, 2, preprocessing, recipe);
  expect(source).toMatchObject({ batch: 4, steps: 2 });
  const epochs: number[][] = [];
  for (const epoch of [0, 1]) {
    const seen: number[] = [];
    for (const step of [0, 1]) {
      const { input, labels, targets } = await source.take(epoch, step);
      for (let place = 0; place < 4; place++) {
        const picture = input[place * LENGTH]!;
        expect(input.subarray(place * LENGTH, (place + 1) * LENGTH).every((value) => value === picture)).toBe(true);
        expect(labels[place]).toBe(picture % 2);
        expect(targets[place * 2 + (picture % 2)]).toBe(0.25);
        seen.push(picture);
      }
    }
    expect(new Set(seen).size).toBe(8);
    epochs.push(seen);
  }
  expect(epochs[0]).not.toEqual(epochs[1]);
});

test('a batch is the same at every visit, and in every source of the same seed', async () => {
  const changed = { ...recipe, augmentation: { shift: 2, flip: true, cutout: 2 } };
  const first = pictureBatches(loaded, 2, preprocessing, changed);
  const again = pictureBatches(loaded, 2, preprocessing, changed);
  await again.take(7, 1);
  await again.take(3, 0);
  expect(await again.take(3, 1)).toEqual(await first.take(3, 1));
  const other = pictureBatches(loaded, 2, preprocessing, { ...changed, seed: 6 });
  expect((await other.take(3, 1)).input).not.toEqual((await first.take(3, 1)).input);
});

test('pictures of a batch are moved alike', async () => {
  const moved = pictureBatches(loaded, 2, preprocessing, { ...recipe, augmentation: { shift: 2 } });
  for (const epoch of [0, 1, 2, 3]) {
    const { input } = await moved.take(epoch, 0);
    const holes = Array.from({ length: 4 }, (_, place) =>
      [...input.subarray(place * LENGTH, (place + 1) * LENGTH)].map((value) => value > 100).join(),
    );
    expect(new Set(holes).size).toBe(1);
  }
});

test('fewer pictures than a batch make one', () => {
  expect(pictureBatches(loaded, 2, preprocessing, { ...recipe, batch: 64 })).toMatchObject({ batch: 10, steps: 1 });
});
