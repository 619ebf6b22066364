import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smoother, weightOf } from '../../../../src/pipeline/answers/smooth.ts';

const p = fc.double({ min: 0, max: 1, noNaN: true });
const ms = fc.integer({ min: 0, max: 5000 });

test('the average depends on time and not on the number of frames', () => {
  fc.assert(
    fc.property(
      p,
      p,
      fc.array(ms, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 10_000 }),
      (a, b, steps, tau) => {
        const many = smoother(tau);
        const once = smoother(tau);
        many([a], 0);
        once([a], 0);
        let at = 0;
        for (const step of steps) {
          at += step;
          many([b], at);
        }
        expect(many([b], at)[0]).toBeCloseTo(once([b], at)[0]!, 9);
      },
    ),
  );
});

test('stays between what it has seen, and sums to one', () => {
  const step = fc.tuple(p, fc.integer({ min: -1000, max: 1000 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), fc.integer({ min: 0, max: 3000 }), (steps, tau) => {
      const smooth = smoother(tau);
      const seen = steps.map(([value]) => value);
      let at = 1000;
      for (const [value, wait] of steps) {
        at += wait;
        const [first, second] = smooth([value, 1 - value], at);
        expect(first).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-12);
        expect(first).toBeLessThanOrEqual(Math.max(...seen) + 1e-12);
        expect(first! + second!).toBeCloseTo(1, 12);
      }
    }),
  );
});

test('a step is 63 % over after one time constant, and at once without one', () => {
  const slow = smoother(300);
  slow([0], 0);
  expect(slow([1], 300)[0]).toBeCloseTo(1 - 1 / Math.E, 12);
  const none = smoother(0);
  none([0], 0);
  expect(none([1], 1)[0]).toBe(1);
});

test('one frame of NaN does not stay', () => {
  const smooth = smoother(300);
  smooth([0.5], 0);
  smooth([Number.NaN], 10);
  expect(smooth([0.25], 20)[0]).toBe(0.25);
});

test('a clock set back weighs nothing', () => {
  expect(weightOf(-5, 300)).toBe(0);
});
