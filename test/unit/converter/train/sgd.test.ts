import { describe, expect, test } from 'vitest';
import { decaysByShape, type SgdOptions, type SgdState, sgdStep } from '../../../../converter/train/sgd.ts';

const PLAIN: SgdOptions = {
  ...{ learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0 },
  decays: () => true,
};

/** One weight of 1 after every step with a gradient of 1. */
function steps(options: SgdOptions, count: number): readonly number[] {
  const weights = new Map([['w', Float32Array.of(1)]]);
  const state: SgdState = new Map();
  return Array.from({ length: count }, () => {
    sgdStep(weights, new Map([['w', Float32Array.of(1)]]), state, options);
    return weights.get('w')![0]!;
  });
}

function expectClose(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
}

describe('a step of gradient descent', () => {
  test('the momentum begins as the first gradient', () => {
    // v = 1, 1.9, 2.71
    expectClose(steps(PLAIN, 3), [0.9, 0.71, 0.439]);
  });

  test('Nesterov looks a step of momentum ahead', () => {
    // 1 + 0.9 v
    expectClose(steps({ ...PLAIN, nesterov: true }, 3), [0.81, 0.539, 0.1951]);
  });

  test('weight decay is part of the gradient, where a parameter decays', () => {
    // g = 1.5, then 1 + 0.5 * 0.85; v = 1.5, 2.775
    expectClose(steps({ ...PLAIN, weightDecay: 0.5 }, 2), [0.85, 0.5725]);
    expectClose(steps({ ...PLAIN, weightDecay: 0.5, decays: () => false }, 2), [0.9, 0.71]);
  });

  test('a scale is a factor on the rate of its parameter', () => {
    expectClose(steps({ ...PLAIN, scale: () => 0.5 }, 2), [0.95, 0.855]);
    expectClose(steps({ ...PLAIN, scale: () => 0 }, 2), [1, 1]);
  });

  test('a parameter without a gradient stays', () => {
    const weights = new Map([['w', Float32Array.of(1)]]);
    const state: SgdState = new Map();
    sgdStep(weights, new Map(), state, { ...PLAIN, weightDecay: 1 });
    expect([...weights.get('w')!]).toEqual([1]);
    expect(state.size).toBe(0);
  });

  test('norms and biases do not decay by their shape', () => {
    expect([[16], [10, 64], [16, 3, 3, 3]].map(decaysByShape)).toEqual([false, true, true]);
  });
});
