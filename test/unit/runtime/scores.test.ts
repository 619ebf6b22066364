import { expect, test } from 'vitest';
import { scoresOf } from '../../../src/runtime/scores.ts';
import type { Session } from '../../../src/runtime/types.ts';
import { float32, type Tensor } from '../../../src/tensor/tensor.ts';

/** A model [batch, 2] -> [batch, 2] that doubles its input; `seen` collects what it is fed. */
function doubling(batch: number | string, seen: Tensor[]): Session {
  return {
    backend: 'test',
    provider: 'cpu',
    inputs: [{ name: 'x', dtype: 'float32', dims: [batch, 2] }],
    outputs: [{ name: 'y', dtype: 'float32', dims: [batch, 2] }],
    loadMs: 0,
    run: async ({ x }) => {
      if (x?.dtype !== 'float32') throw new Error('expected float32');
      seen.push(x);
      return {
        outputs: {
          y: float32(
            x.dims,
            x.data.map((value) => 2 * value),
          ),
        },
        ms: 3,
      };
    },
    close: async () => {},
  };
}

const three = float32([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));

test.each([
  ['any batch', 'N', [[3, 2]]],
  ['exactly that batch', 3, [[3, 2]]],
  [
    'one picture',
    1,
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
  ],
  [
    'two pictures',
    2,
    [
      [2, 2],
      [2, 2],
    ],
  ],
  ['eight pictures', 8, [[8, 2]]],
])('three pictures through a model of %s', async (_, batch, shapes) => {
  const seen: Tensor[] = [];
  const scores = await scoresOf(doubling(batch, seen), three);
  expect(seen.map(({ dims }) => dims)).toEqual(shapes);
  expect([...scores.data]).toEqual([2, 4, 6, 8, 10, 12]);
  expect(scores).toMatchObject({ classes: 2, ms: 3 * shapes.length });
});

test('the rest of a batch is zeros', async () => {
  const seen: Tensor[] = [];
  await scoresOf(doubling(2, seen), three);
  expect(seen.map(({ data }) => [...data])).toEqual([
    [1, 2, 3, 4],
    [5, 6, 0, 0],
  ]);
});
