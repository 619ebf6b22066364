import { expect, test } from 'vitest';
import { splitShare } from '../../../../converter/train/split.ts';

const labels = [...new Array<number>(10).fill(0), ...new Array<number>(20).fill(1), 2, 2];

test('a share of every class is set apart, at least one and never all', () => {
  const { kept, apart } = splitShare(labels, 0.2, 0);
  const countIn = (indices: readonly number[]): readonly number[] =>
    [0, 1, 2].map((label) => indices.filter((i) => labels[i] === label).length);
  expect(countIn(apart)).toEqual([2, 4, 1]);
  expect(countIn(kept)).toEqual([8, 16, 1]);
  expect([...kept, ...apart].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
  expect(splitShare(labels, 0.2, 0)).toEqual({ kept, apart });
  expect(splitShare(labels, 0.2, 1).apart).not.toEqual(apart);
  expect(countIn(splitShare(labels, 0.99, 0).kept)).toEqual([1, 1, 1]);
});
