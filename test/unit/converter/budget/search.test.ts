import { describe, expect, test } from 'vitest';
import { picturesIn } from '../../../../converter/batch.ts';
import { figuresOf, holds } from '../../../../converter/budget/budget.ts';
import { halves, sampleOf, selectPictures } from '../../../../converter/budget/sample.ts';
import { leastThatHolds, withoutNeedless } from '../../../../converter/budget/search.ts';
import type { Judged } from '../../../../converter/judge.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';

describe('bisection', () => {
  const asked: number[] = [];
  const from = (least: number) => async (count: number) => {
    asked.push(count);
    return count >= least;
  };

  test.each([
    [1, 1, 20],
    [1, 20, 20],
    [7, 13, 64],
  ])('from %i finds the least count that holds, %i of %i', async (low, least, high) => {
    asked.length = 0;
    expect(await leastThatHolds(low, high, from(least))).toBe(least);
    expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(high - low + 1)) + 1);
  });

  test('finds nothing where the most does not hold, or where there is nothing to try', async () => {
    expect(await leastThatHolds(1, 9, from(10))).toBeUndefined();
    expect(await leastThatHolds(1, 0, from(0))).toBeUndefined();
  });

  test('what is needless is given up in the order of the attempts, never the last', async () => {
    const needs = (items: readonly number[]) => async (left: readonly number[]) => items.every((i) => left.includes(i));
    expect(await withoutNeedless([1, 2, 3, 4], [4, 2, 1], needs([3, 1]))).toEqual([1, 3]);
    expect(await withoutNeedless([1, 2], [1, 2], needs([]))).toEqual([2]);
  });
});

/** A judgement of pictures with these first classes in float and in integers. */
function judgedAs(pairs: readonly (readonly [number, number])[], sqnrDb: number): Judged {
  const agreement = pairs.filter(([a, b]) => a === b).length / pairs.length;
  const each = pairs.map(([reference, quantized], index) => ({
    ...{ index, reference, quantized },
    ...{ referenceMargin: 1, margin: 1, sqnrDb },
  }));
  return { overall: { agreement, sqnrDb }, each };
}

describe('a budget', () => {
  const judged = judgedAs(
    [
      [0, 0],
      [1, 2],
      [2, 2],
      [3, 0],
    ],
    25,
  );

  test('counts what is lost and takes off what is won', () => {
    expect(figuresOf(judged)).toEqual({ pictures: 4, sqnrDb: 25, agreement: 0.5 });
    expect(figuresOf(judged, [0, 1, 2, 3])).toMatchObject({ drop: 50 });
    expect(figuresOf(judged, [0, 2, 2, 3])).toMatchObject({ drop: 0 });
    expect(figuresOf(judged, [0, 2, 2, 0])).toMatchObject({ drop: -50 });
  });

  test('holds where every stated part does, its limits included', () => {
    const figures = { pictures: 3, sqnrDb: 25, agreement: 2 / 3, drop: 100 / 3 };
    expect(holds({}, figures)).toBe(true);
    expect(holds({ sqnrDb: 25, agreement: 2 / 3, drop: 100 / 3 }, figures)).toBe(true);
    expect(holds({ sqnrDb: 25.1 }, figures)).toBe(false);
    expect(holds({ agreement: 0.67 }, figures)).toBe(false);
    expect(holds({ drop: 33.3 }, figures)).toBe(false);
  });

  test('of a drop does not hold where nobody knows what the pictures show', () => {
    expect(holds({ drop: 100 }, figuresOf(judged))).toBe(false);
  });
});

describe('a sample of five pictures in batches of two', () => {
  const picture = (value: number): readonly number[] => [value, value, value];
  const batch = (...values: readonly number[]) =>
    float32([values.length, 3, 1, 1], Float32Array.from(values.flatMap(picture)));
  const logits = (...values: readonly number[]) => Float32Array.from(values.flatMap((value) => [value, -value]));
  const sample = sampleOf(
    [batch(1, 2), batch(3, 4), batch(5)],
    [logits(1, 2), logits(3, 4), logits(5)],
    (place) => place + 1,
  );

  test('hands out pictures with their own logits and classes', async () => {
    const chosen = await selectPictures(sample, [4, 1, 2], 128);
    expect(picturesIn(chosen.batches)).toBe(3);
    expect(chosen.batches.map(({ data }) => [...data])).toEqual([picture(5), picture(2), picture(3)]);
    expect(chosen.expected.map((row) => [...row])).toEqual([
      [5, -5],
      [2, -2],
      [3, -3],
    ]);
    expect(chosen.classes).toEqual([5, 2, 3]);
  });

  test('is parted into every second one and the others', async () => {
    const [half, other] = await halves(sample, 8);
    expect([half.classes, other.classes]).toEqual([
      [1, 3, 5],
      [2, 4],
    ]);
    expect(half.batches.map(({ dims }) => dims)).toEqual([[3, 3, 1, 1]]);
    expect([...other.expected[0]!]).toEqual([2, -2, 4, -4]);
  });

  test('of one picture serves as both', async () => {
    const one = sampleOf([batch(5)], [logits(5)], undefined);
    expect(await halves(one, 8)).toEqual([one, one]);
  });
});
