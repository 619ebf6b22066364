import { describe, expect, test } from 'vitest';
import { learningRate, type Schedule } from '../../../../converter/train/schedule.ts';

const all = (schedule: Schedule, steps: number): readonly number[] =>
  Array.from({ length: steps }, (_, step) => learningRate(schedule, step, steps));

describe('the learning rate of a step', () => {
  test('one-cycle is that of OneCycleLR with 20 steps, a peak of 0.3 and pct_start 0.2', () => {
    const rates = all({ kind: 'one-cycle', peak: 0.3, rise: 0.2 }, 20);
    const expected = [0.012, 0.084, 0.228, 0.3, 0.2971178036, 0.1792640312, 0.002883396411, 0.0000012];
    for (const [i, step] of [0, 1, 2, 3, 4, 10, 18, 19].entries()) expect(rates[step]).toBeCloseTo(expected[i]!, 9);
  });

  test('one-cycle has finite rates up to its peak, however few its steps', () => {
    for (let steps = 1; steps <= 12; steps++) {
      const rates = all({ kind: 'one-cycle', peak: 1, rise: 0.2 }, steps);
      expect(rates.every((rate) => rate > 0 && rate <= 1)).toBe(true);
    }
    expect(all({ kind: 'one-cycle', peak: 1, rise: 0.2 }, 1)).toEqual([1]);
  });

  test('steps divide it at their shares', () => {
    const rates = all({ kind: 'steps', peak: 1, at: [0.5, 0.75], factor: 0.1 }, 8);
    const expected = [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01];
    for (const [i, rate] of expected.entries()) expect(rates[i]).toBeCloseTo(rate, 12);
  });

  test('cosine falls from the peak by half a wave', () => {
    const rates = all({ kind: 'cosine', peak: 2 }, 4);
    expect(rates[0]).toBe(2);
    expect(rates[2]).toBeCloseTo(1, 12);
    expect(rates[3]).toBeCloseTo(1 + Math.cos((3 * Math.PI) / 4), 12);
  });

  test('a warm-up rises evenly and ends at the peak', () => {
    expect(all({ kind: 'constant', peak: 1, warmUp: 0.5 }, 8)).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1, 1]);
    expect(all({ kind: 'cosine', peak: 1, warmUp: 0.5 }, 8).slice(0, 5)).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });
});
