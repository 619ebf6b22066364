import { expect, test } from 'vitest';
import type { PictureJudgement } from '../../../converter/judge.ts';
import { worstPictures } from '../../../converter/worst-pictures.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

const batch = (count: number, first: number): Tensor => ({
  dtype: 'uint8',
  dims: [count, 1, 1, 3],
  data: Uint8Array.from({ length: count * 3 }, (_, i) => first + Math.floor(i / 3)),
});
const batches = [batch(5, 0), batch(5, 5), batch(2, 10)];

function judged(index: number, margin: number): PictureJudgement {
  return { index, reference: 1, quantized: margin < 0 ? 0 : 1, referenceMargin: 1, margin, sqnrDb: 30 };
}

test('pictures whose label flipped come with their own input, clearest first', () => {
  const margins = [3, 2, -1, 4, 5, 6, 7, -3, 1, 1, 1, -2];
  const worst = worstPictures(
    batches,
    margins.map((margin, index) => judged(index, margin)),
  );
  expect(worst.map(({ index }) => index)).toEqual([7, 11, 2]);
  expect(worst.map(({ input }) => [...input.data])).toEqual([
    [7, 7, 7],
    [11, 11, 11],
    [2, 2, 2],
  ]);
  expect(worst[0]?.input.dims).toEqual([1, 1, 1, 3]);
});

test('where none flipped, those with the least margin', () => {
  const worst = worstPictures(
    batches,
    Array.from({ length: 12 }, (_, index) => judged(index, 20 - index)),
  );
  expect(worst.map(({ index }) => index)).toEqual([11, 10, 9, 8, 7, 6]);
});
