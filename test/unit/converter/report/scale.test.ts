import { describe, expect, test } from 'vitest';
import { linear, logarithmic, logTicks, ticks } from '../../../../converter/report/scale.ts';

describe('scales', () => {
  test('a linear one maps ends to ends, and turns round where its range does', () => {
    const y = linear([-5, 15], [100, 0]);
    expect([-5, 0, 15].map(y)).toEqual([100, 75, 0]);
  });

  test('a domain without width maps to the middle', () => {
    expect(linear([3, 3], [0, 10])(3)).toBe(5);
  });

  test('a logarithmic one puts powers of ten at equal distances', () => {
    const x = logarithmic([0.01, 100], [0, 4]);
    expect([0.01, 0.1, 1, 10, 100].map((value) => Math.round(x(value) * 1e9) / 1e9)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('ticks', () => {
  test.each([
    [[0, 43], 4, [0, 20, 40]],
    [[0, 10], 4, [0, 5, 10]],
    [[0, 1], 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    [[-3, 3], 3, [-2, 0, 2]],
    [[7, 7], 4, [7]],
  ] as const)('of %j, about %i', (domain, count, expected) => {
    expect(ticks(domain, count)).toEqual(expected);
  });

  test('of a logarithm are powers of ten, finer where these are few', () => {
    expect(logTicks([0.0005, 3])).toEqual([0.001, 0.01, 0.1, 1]);
    expect(logTicks([0.08, 3])).toEqual([0.1, 0.2, 0.5, 1, 2]);
  });
});
