import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Histogram, histogramBuilder } from '../../../../converter/quantize/histogram.ts';
import { observer } from '../../../../converter/quantize/observe.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';

const SEED = 6;

/** Values of very different magnitudes, many of them zero. */
const values = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.float({ min: -1, max: 1, noNaN: true }),
    fc.float({ min: -1e5, max: 1e5, noNaN: true }),
    fc.float({ min: Math.fround(-1e-6), max: Math.fround(1e-6), noNaN: true }),
  ),
  { minLength: 1, maxLength: 60 },
);

function histogramOf(batches: readonly (readonly number[])[]): Histogram {
  const builder = histogramBuilder();
  for (const batch of batches) {
    const data = Float32Array.from(batch);
    builder.add(data, 0, data.length);
  }
  return builder.build();
}

test('a histogram depends neither on the order of the values nor on how they come in batches', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 9 }), (list, size) => {
      const whole = histogramOf([list]);
      const batches = Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
        list.slice(i * size, (i + 1) * size),
      );
      expect(histogramOf(batches)).toEqual(whole);
      expect(histogramOf(batches.toReversed())).toEqual(whole);
      expect(histogramOf([list.toSorted((a, b) => a - b)])).toEqual(whole);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('every value is counted once, in the bin that holds it', () => {
  fc.assert(
    fc.property(values, (list) => {
      const floats = [...Float32Array.from(list)];
      const { width, zeros, first, counts } = histogramOf([list]);
      expect(zeros).toBe(floats.filter((value) => value === 0).length);
      expect(zeros + counts.reduce((sum, count) => sum + count, 0)).toBe(list.length);
      const bins = new Map<number, number>();
      for (const value of floats) {
        if (value === 0) continue;
        const bin = Math.floor(value / width);
        bins.set(bin, (bins.get(bin) ?? 0) + 1);
      }
      const filled = counts.flatMap((count, i) => (count > 0 ? [[first + i, count] as const] : []));
      expect(new Map(filled)).toEqual(bins);
      if (counts.length > 0) {
        expect(counts.at(0)).toBeGreaterThan(0);
        expect(counts.at(-1)).toBeGreaterThan(0);
        expect(Number.isInteger(Math.log2(width))).toBe(true);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test.each([
  ['nothing but zeros', [0, 0, 0], { width: 0, zeros: 3, first: 0, counts: [] }],
  ['a power of two on the edge of the last bin', [2048], { width: 2, zeros: 0, first: 1024, counts: [1] }],
  ['its negative', [-2048], { width: 2, zeros: 0, first: -1024, counts: [1] }],
  ['negative zero', [-0, 1024], { width: 1, zeros: 1, first: 1024, counts: [1] }],
])('%s', (_, list, expected) => {
  expect(histogramOf([list])).toEqual(expected);
});

describe('observer', () => {
  const data = Float32Array.of(1, 2, 3, 4, -1, -2, 0, 0, 5, 6, 7, 8, 0, 0, 0, -4);
  const whole = (): ReturnType<ReturnType<typeof observer>['statistics']> => {
    const seen = observer(['v']);
    seen.add({ v: float32([2, 2, 2, 2], data) });
    return seen.statistics();
  };

  test('knows range, mean and power of every channel', () => {
    expect(whole().get('v')).toMatchObject({
      count: 16,
      min: -4,
      max: 8,
      channels: { min: [1, -4], max: [8, 0], mean: [36 / 8, -7 / 8], power: [204 / 8, 21 / 8] },
    });
  });

  test('says the same of a batch and of its pictures one by one', () => {
    const seen = observer(['v']);
    seen.add({ v: float32([1, 2, 2, 2], data.subarray(0, 8)) });
    seen.add({ v: float32([1, 2, 2, 2], data.subarray(8)) });
    expect(seen.statistics()).toEqual(whole());
  });

  test('of a flat value [N, C] a channel is a column', () => {
    const seen = observer(['v']);
    seen.add({ v: float32([3, 2], Float32Array.of(1, 10, 2, 20, 3, 30)) });
    expect(seen.statistics().get('v')?.channels).toMatchObject({ min: [1, 10], max: [3, 30], mean: [2, 20] });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s, naming the value', (bad) => {
    expect(() => observer(['v']).add({ v: float32([1, 1, 2], Float32Array.of(1, bad)) })).toThrowError(
      expect.objectContaining({ code: 'input', message: expect.stringContaining('NaN or infinity in v on a') }),
    );
  });
});
