import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observer } from '../../../../converter/quantize/observe.ts';
import { chooseRange, type Range, type RangeOptions } from '../../../../converter/quantize/range.ts';
import type { ValueStatistics } from '../../../../converter/quantize/statistics.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { uniform } from '../random.ts';

const asymmetric = { steps: 255, symmetric: false } as const;
const symmetric = { steps: 254, symmetric: true } as const;

function statisticsOf(values: Float32Array): ValueStatistics {
  const seen = observer(['v']);
  seen.add({ v: float32([1, 1, values.length], values) });
  return seen.statistics().get('v')!;
}

/** Normal numbers by the sum of twelve uniform ones, cubed where tails are wanted. */
function normal(count: number, seed: number, shape: (value: number) => number = (value) => value): Float32Array {
  const random = uniform(seed);
  return Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    return shape(sum);
  });
}

/** Mean squared error of values stored with this range, computed on the values themselves. */
function storedError(values: Float32Array, { min, max }: Range, steps: number): number {
  const scale = (max - min) / steps;
  const zero = Math.round(-min / scale);
  let error = 0;
  for (const value of values) {
    const stored = Math.max(0, Math.min(steps, Math.round(value / scale) + zero));
    error += ((stored - zero) * scale - value) ** 2;
  }
  return error / values.length;
}

describe('minmax', () => {
  test.each([
    ['both sides', [-1, 2], { min: -1, max: 2 }, { min: -2, max: 2 }],
    ['positive values alone reach down to zero', [3, 5], { min: 0, max: 5 }, { min: -5, max: 5 }],
    ['negative values alone reach up to zero', [-3, -1], { min: -3, max: 0 }, { min: -3, max: 3 }],
    ['zeros', [0, 0], { min: 0, max: 0 }, { min: -0, max: 0 }],
  ])('%s', (_, values, whole, mirrored) => {
    const statistics = statisticsOf(Float32Array.from(values));
    expect(chooseRange(statistics, { method: 'minmax', ...asymmetric })).toEqual(whole);
    expect(chooseRange(statistics, { method: 'minmax', ...symmetric })).toEqual(mirrored);
  });
});

describe('percentile', () => {
  const values = normal(41_000, 1, (value) => value ** 3);

  test('leaves at most 0.005 % of the values outside at each end, and could not cut one bin more', () => {
    const statistics = statisticsOf(values);
    const { min, max } = chooseRange(statistics, { method: 'percentile', ...asymmetric });
    const { width } = statistics.histogram;
    const cut = values.length * 0.00005;
    expect(values.filter((value) => value < min).length).toBeLessThanOrEqual(cut);
    expect(values.filter((value) => value < min + width).length).toBeGreaterThan(cut);
    expect(values.filter((value) => value >= max).length).toBeLessThanOrEqual(cut);
    expect(values.filter((value) => value >= max - width).length).toBeGreaterThan(cut);
    expect(min).toBeGreaterThan(statistics.min);
    expect(max).toBeLessThan(statistics.max);
  });

  test('of few values keeps them all', () => {
    const few = statisticsOf(values.subarray(0, 100));
    const range = chooseRange(few, { method: 'percentile', ...asymmetric });
    expect(range).toEqual({ min: few.min, max: few.max });
  });
});

describe('mse', () => {
  const distributions: readonly (readonly [string, Float32Array])[] = [
    ['normal', normal(8000, 2)],
    ['heavy tails', normal(8000, 3, (value) => value ** 3)],
    ['after a ReLU', normal(8000, 4, (value) => Math.max(0, value))],
    ['far outliers', normal(8000, 5).fill(60, 0, 3)],
    ['skewed', normal(8000, 6, (value) => Math.exp(value) - 0.3)],
  ];

  test.each(distributions)('%s: hardly more error than the best of all ranges on a grid', (_, values) => {
    const statistics = statisticsOf(values);
    const found = chooseRange(statistics, { method: 'mse', ...asymmetric });
    const whole = { min: Math.min(0, statistics.min), max: statistics.max };
    let best = Number.POSITIVE_INFINITY;
    for (let low = 0; low <= 20; low++) {
      for (let high = 1; high <= 20; high++) {
        const range = { min: (whole.min * low) / 20, max: (whole.max * high) / 20 };
        best = Math.min(best, storedError(values, range, 255));
        if (whole.min === 0) break;
      }
    }
    const error = storedError(values, found, 255);
    expect(error).toBeLessThanOrEqual(best * 1.03);
    expect(error).toBeLessThanOrEqual(storedError(values, whole, 255) * 1.01);
  });

  test.each(distributions)('%s, mirrored at zero: no worse than the whole range', (_, values) => {
    const statistics = statisticsOf(values);
    const found = chooseRange(statistics, { method: 'mse', ...symmetric });
    const peak = Math.max(statistics.max, -statistics.min);
    expect(found.min).toBe(-found.max);
    expect(storedError(values, found, 254)).toBeLessThanOrEqual(storedError(values, { min: -peak, max: peak }, 254));
  });
});

describe('entropy', () => {
  const entropy = (values: Float32Array, mirrored = false): Range =>
    chooseRange(statisticsOf(values), { method: 'entropy', ...(mirrored ? symmetric : asymmetric) });

  test('clips outliers that stand far away, and keeps what is not one', () => {
    const plain = normal(20_000, 7);
    const whole = entropy(plain);
    expect(whole.max).toBeGreaterThan(3);
    expect(whole.min).toBeLessThan(-3);
    const { min, max } = entropy(normal(20_000, 7).fill(60, 0, 2));
    expect(max).toBeLessThan(12);
    expect(max).toBeGreaterThan(3);
    expect(min).toBeLessThan(-3);
    expect(min).toBeGreaterThan(-5);
  });

  test('keeps all of evenly spread values', () => {
    const random = uniform(3);
    const values = Float32Array.from({ length: 20_000 }, () => 4 * random() - 1);
    const { min, max } = entropy(values);
    expect(max).toBeGreaterThan(2.9);
    expect(min).toBeLessThan(-0.95);
  });

  test('mirrors at zero where it must', () => {
    const { min, max } = entropy(
      normal(20_000, 8, (value) => Math.exp(value)),
      true,
    );
    expect(min).toBe(-max);
    expect(max).toBeGreaterThan(5);
  });

  test('with 16 bits cuts next to nothing off', () => {
    const values = normal(20_000, 9);
    const statistics = statisticsOf(values);
    const range = chooseRange(statistics, { method: 'entropy', steps: 65535, symmetric: false });
    expect(range.min / statistics.min).toBeGreaterThan(0.97);
    expect(range.max / statistics.max).toBeGreaterThan(0.97);
  });
});

test('every method gives a range within what was seen that holds zero', () => {
  const lists = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 40 });
  const options = fc.record<RangeOptions>({
    method: fc.constantFrom('minmax', 'percentile', 'entropy', 'mse'),
    steps: fc.constantFrom(255, 65535),
    symmetric: fc.boolean(),
  });
  fc.assert(
    fc.property(lists, options, (list, chosen) => {
      const statistics = statisticsOf(Float32Array.from(list));
      const { min, max } = chooseRange(statistics, chosen);
      expect(min <= 0 && max >= 0).toBe(true);
      const peak = Math.max(0, statistics.max, -statistics.min);
      expect(min).toBeGreaterThanOrEqual(chosen.symmetric ? -peak : Math.min(0, statistics.min));
      expect(max).toBeLessThanOrEqual(chosen.symmetric ? peak : Math.max(0, statistics.max));
      if (chosen.symmetric) expect(max + min).toBe(0);
    }),
    { seed: 8, numRuns: 200 },
  );
});
