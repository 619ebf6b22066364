import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topK } from '../../../src/runtime/top-k.ts';

test('highest first, equal scores by index, NaN last', () => {
  expect(topK([1, 3, 2, 3, Number.NaN], 3).map(({ index }) => index)).toEqual([1, 3, 2]);
  expect(topK([Number.NaN, -1, Number.NaN, Number.NEGATIVE_INFINITY], 9).map(({ index }) => index)).toEqual([
    1, 3, 0, 2,
  ]);
  expect(topK(Float32Array.of(0.5, 0.25), 1)).toEqual([{ index: 0, score: 0.5 }]);
});

test('k is cut to what is there', () => {
  expect(topK([1, 2], 5)).toHaveLength(2);
  for (const k of [0, -1]) expect(topK([1, 2], k)).toEqual([]);
  expect(topK([], 3)).toEqual([]);
});

test('agrees with a stable sort', () => {
  const scores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double()), { maxLength: 40 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 45 }), (values, k) => {
      const order = (a: number, b: number): number =>
        Number.isNaN(a) || Number.isNaN(b)
          ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
          : a < b
            ? 1
            : a > b
              ? -1
              : 0;
      const sorted = values.map((score, index) => ({ index, score })).sort((a, b) => order(a.score, b.score));
      expect(topK(values, k)).toEqual(sorted.slice(0, k));
    }),
  );
});
