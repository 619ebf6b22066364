import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KernelShape, PAIR_LIMIT, pairBounds, pairLimits } from '../../../../converter/quantize/pairs.ts';

const SEED = 5;

const shapes: fc.Arbitrary<KernelShape> = fc.record({
  channels: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 3 }),
  width: fc.integer({ min: 1, max: 3 }),
});

describe('pairLimits', () => {
  test("pairs products 2i and 2i + 1 of the order (row, column, channel), each with its channel's peak", () => {
    fc.assert(
      fc.property(shapes, ({ channels, height, width }) => {
        const order: { readonly memory: number; readonly channel: number }[] = [];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (let c = 0; c < channels; c++) order.push({ memory: (c * height + y) * width + x, channel: c });
          }
        }
        const peaks = Array.from({ length: channels }, (_, c) => 10 * c + 1);
        const { partner, peak } = pairLimits({ channels, height, width }, peaks);
        expect([partner.length, peak.length]).toEqual([order.length, order.length]);
        for (const [k, { memory, channel }] of order.entries()) {
          expect(partner[memory]).toBe(order[k % 2 === 0 ? k + 1 : k - 1]?.memory ?? -1);
          expect(peak[memory]).toBe(peaks[channel]);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('pairBounds', () => {
  const two: KernelShape = { channels: 2, height: 1, width: 1 };

  test('any integer within the bounds keeps every sum of the pair in int16, and one more would not', () => {
    for (const peaks of [
      [255, 255],
      [255, 200],
      [131, 255],
      [129, 130],
      [255, 3],
    ]) {
      const limits = pairLimits(two, peaks);
      for (let beside = -127; beside <= 127; beside++) {
        const { low, high } = pairBounds(limits, Int8Array.of(0, beside), 0, 0);
        const [first, last] = [Math.max(-127, low), Math.min(127, high)];
        expect(first <= 0 && last >= 0).toBe(true);
        for (const q of [first, last]) {
          // Sums are largest where each input is zero or at its peak.
          for (const a of [0, peaks[0]!]) {
            for (const b of [0, peaks[1]!]) expect(Math.abs(q * a + beside * b)).toBeLessThanOrEqual(PAIR_LIMIT);
          }
          const beyond = Math.abs((q + Math.sign(q)) * peaks[0]! + (q * beside > 0 ? beside * peaks[1]! : 0));
          if (Math.abs(q) < 127) expect(beyond).toBeGreaterThan(PAIR_LIMIT);
        }
      }
    }
  });

  test('every input up to the peaks, one by one', () => {
    const peaks = [255, 254];
    const limits = pairLimits(two, peaks);
    for (const beside of [-127, -64, -1, 0, 1, 2, 63, 126, 127]) {
      const { low, high } = pairBounds(limits, Int8Array.of(0, beside), 0, 0);
      let largest = 0;
      for (const q of [Math.max(-127, low), Math.min(127, high)]) {
        for (let a = 0; a <= peaks[0]!; a++) {
          for (let b = 0; b <= peaks[1]!; b++) largest = Math.max(largest, Math.abs(q * a + beside * b));
        }
      }
      expect(largest).toBeLessThanOrEqual(32767);
    }
  });

  test('reads the partner in the row that is meant', () => {
    const limits = pairLimits(two, [255, 255]);
    const rows = Int8Array.of(0, 127, 0, 0);
    expect(pairBounds(limits, rows, 0, 0)).toEqual({ low: -128, high: 1 });
    expect(pairBounds(limits, rows, 2, 0)).toEqual({ low: -128, high: 128 });
  });

  test('of one that stands alone, or whose input is always zero, are open', () => {
    const open = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    expect(pairBounds(pairLimits({ ...two, channels: 1 }, [255]), Int8Array.of(0), 0, 0)).toEqual(open);
    expect(pairBounds(pairLimits(two, [0, 255]), Int8Array.of(0, 127), 0, 0)).toEqual(open);
  });
});
