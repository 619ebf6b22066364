import { expect, test } from 'vitest';
import { inWords } from '../../../../src/node/model/budget.ts';

test('a drop has digits enough to tell the one asked for from none', () => {
  const drop = (asked: number, found = asked): string => inWords({ drop: asked }, { drop: found });
  expect(drop(0.5)).toBe('a drop of 0.50 points');
  expect(drop(0.001)).toBe('a drop of 0.001 points');
  expect(drop(0.001, 0.25)).toBe('a drop of 0.250 points');
  expect(drop(1e-12)).toBe('a drop of 0.00000000 points');
  expect(drop(100)).toBe('a drop of 100.00 points');
});
