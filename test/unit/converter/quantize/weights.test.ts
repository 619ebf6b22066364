import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KernelShape, pairLimits } from '../../../../converter/quantize/pairs.ts';
import { quantizeRow, type RowOptions } from '../../../../converter/quantize/weights.ts';

const MAX = 127;
const SEED = 4;

type Case = {
  readonly shape: KernelShape;
  readonly row: Float32Array;
  /** By element. */
  readonly power: readonly number[];
  readonly peaks: readonly number[];
  /** Shares of each peak that a pixel reaches, one for each product. */
  readonly shares: readonly number[];
};

const shapes = fc.record({
  channels: fc.integer({ min: 1, max: 5 }),
  height: fc.constantFrom(1, 3),
  width: fc.constantFrom(1, 3),
});

/** Rows whose weights lean to one side, so that many pairs are at risk. */
const cases: fc.Arbitrary<Case> = shapes.chain((shape) => {
  const size = shape.channels * shape.height * shape.width;
  const list = <T>(item: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
    fc.array(item, { minLength: length, maxLength: length });
  return fc.record({
    shape: fc.constant(shape),
    row: list(fc.integer({ min: -60, max: 100 }), size).map((values) => Float32Array.from(values, (v) => v / 97)),
    power: list(fc.integer({ min: 1, max: 1000 }), size),
    peaks: list(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constant(255)), shape.channels),
    shares: list(fc.double({ min: 0, max: 1, noNaN: true }), size),
  });
});

/** Index into a row [channels, height, width] of the k-th product in the order (row, column, channel). */
function inKernelOrder(k: number, { channels, height, width }: KernelShape): { index: number; channel: number } {
  const channel = k % channels;
  const position = Math.floor(k / channels);
  return { index: channel * height * width + position, channel };
}

/** The largest magnitude that two neighbouring products add up to, for activations that `activation` gives. */
function largestPair(
  stored: Int8Array,
  shape: KernelShape,
  activation: (index: number, channel: number) => number,
): number {
  let largest = 0;
  for (let k = 0; k + 1 < stored.length; k += 2) {
    const [a, b] = [inKernelOrder(k, shape), inKernelOrder(k + 1, shape)];
    const sum = stored[a.index]! * activation(a.index, a.channel) + stored[b.index]! * activation(b.index, b.channel);
    largest = Math.max(largest, Math.abs(sum));
  }
  return largest;
}

function quantize({ row, shape, power, peaks }: Case, guarded = true): { stored: Int8Array; scale: number } {
  const stored = new Int8Array(row.length);
  const options: RowOptions = { max: MAX, minScale: 0, power, ...(guarded ? { pairs: pairLimits(shape, peaks) } : {}) };
  return { stored, scale: quantizeRow(row, options, stored).scale };
}

/** Squared error at the output, each weight's weighed by its power. */
function costOf({ row, power }: Case, stored: Int8Array, scale: number): number {
  return row.reduce((sum, w, i) => sum + (stored[i]! * scale - w) ** 2 * power[i]!, 0);
}

function check(property: (of: Case) => void): void {
  fc.assert(fc.property(cases, property), { seed: SEED, numRuns: 1000 });
}

describe('quantizeRow under the int16 hazard', () => {
  test('lets no pair exceed int16, whatever the activations within the peaks', () => {
    let limited = 0;
    check((of) => {
      const { stored } = quantize(of);
      expect(largestPair(stored, of.shape, (i, c) => Math.floor(of.shares[i]! * of.peaks[c]!))).toBeLessThan(32768);
      expect(largestPair(stored, of.shape, (_, c) => of.peaks[c]!)).toBeLessThan(32768);
      if (largestPair(quantize(of, false).stored, of.shape, (_, c) => of.peaks[c]!) > 32767) limited++;
    });
    expect(limited).toBeGreaterThan(100);
  });

  test('is plain rounding where no pair is at risk', () => {
    let free = 0;
    check((of) => {
      const plain = quantize(of, false);
      const atRisk = largestPair(plain.stored, of.shape, (_, c) => of.peaks[c]!) > 32767;
      if (atRisk) return;
      free++;
      expect(quantize(of)).toEqual(plain);
    });
    expect(free).toBeGreaterThan(100);
  });

  test('never costs more than halving the range of the weights', () => {
    check((of) => {
      const { stored, scale } = quantize(of);
      const peak = of.row.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0);
      const coarse = 2 * Math.fround(peak / MAX) || 1;
      const halved = Int8Array.from(of.row, (w) => Math.round(w / coarse));
      const cost = costOf(of, stored, scale);
      expect(cost).toBeLessThanOrEqual(costOf(of, halved, coarse) * (1 + 1e-9));
    });
  });
});

describe('quantizeRow', () => {
  const power = [1, 1, 1, 1];

  test('rounds to the nearest of 255 steps, the largest weight to 127', () => {
    const stored = new Int8Array(4);
    const { scale, limited } = quantizeRow(
      Float32Array.of(1.27, -1.27, 0.014, -0.016),
      { max: 127, minScale: 0, power },
      stored,
    );
    expect([...stored]).toEqual([127, -127, 1, -2]);
    expect(scale).toBe(Math.fround(Math.fround(1.27) / 127));
    expect(limited).toBe(false);
  });

  test('a scale below the least is raised, and weights of zero take it', () => {
    const stored = Int8Array.of(1, 2, 3, 4);
    expect(quantizeRow(new Float32Array(4), { max: 127, minScale: 0.5, power }, stored)).toEqual({
      scale: 0.5,
      limited: false,
    });
    expect([...stored]).toEqual([0, 0, 0, 0]);
    expect(quantizeRow(Float32Array.of(1, 0.2, 0, 0), { max: 127, minScale: 0.5, power }, stored).scale).toBe(0.5);
    expect([...stored]).toEqual([2, 0, 0, 0]);
  });

  test("pairs are neighbours in the kernel's order, not in memory", () => {
    // Two channels of a 1 x 2 kernel in memory: c0 at both columns, then c1. Pairs: (c0, c1) at each column.
    const shape: KernelShape = { channels: 2, height: 1, width: 2 };
    const options = { max: 127, minScale: 0, power, pairs: pairLimits(shape, [255, 255]) };
    const stored = new Int8Array(4);
    expect(quantizeRow(Float32Array.of(127, 127, -1, -1), options, stored).limited).toBe(false);
    expect([...stored]).toEqual([127, 127, -1, -1]);
    expect(quantizeRow(Float32Array.of(127, 0, 127, 0), options, stored).limited).toBe(true);
  });

  test('an odd last product stands alone', () => {
    const shape: KernelShape = { channels: 3, height: 1, width: 1 };
    const options = { max: 127, minScale: 0, power, pairs: pairLimits(shape, [255, 255, 255]) };
    expect(quantizeRow(Float32Array.of(0, 127, 127), options, new Int8Array(3)).limited).toBe(false);
    expect(quantizeRow(Float32Array.of(127, 127, 0), options, new Int8Array(3)).limited).toBe(true);
  });
});
