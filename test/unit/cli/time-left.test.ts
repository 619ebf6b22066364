import { expect, test } from 'vitest';
import { stageText } from '../../../src/cli/stages.ts';
import { timeLeft, timeLeftText } from '../../../src/cli/time-left.ts';

const TOTAL = 100;

/** What is said after every step of so many milliseconds. */
function saidOver(steps: readonly number[]): readonly (number | undefined)[] {
  const left = timeLeft();
  let now = 5000;
  left(0, TOTAL, now);
  return steps.map((ms, i) => {
    now += ms;
    return left(i + 1, TOTAL, now);
  });
}

test('says nothing before a rate can be known', () => {
  expect(saidOver([10_000, 1000, 1000])).toEqual([undefined, undefined, expect.any(Number)]);
  expect(saidOver([10, 10, 10, 10])).toEqual(new Array(4).fill(undefined));
});

test('a steady rate runs down with the clock', () => {
  const said = saidOver(new Array<number>(TOTAL).fill(1000));
  expect(said.slice(2)).toEqual(Array.from({ length: TOTAL - 2 }, (_, i) => (TOTAL - 3 - i) * 1000));
});

test('steps that take now more, now less time do not move the end', () => {
  const said = saidOver(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 1200 : 800))).slice(3);
  let elapsed = 0;
  for (const [i, ms] of said.entries()) {
    expect(ms! + elapsed).toBe(said[0]);
    elapsed += i % 2 === 0 ? 1200 : 800;
  }
});

test('work that slows down is said to take longer', () => {
  const said = saidOver([...new Array<number>(10).fill(500), ...new Array<number>(30).fill(4000)]);
  expect(said[9]).toBe(45_000);
  // 125 s for 40 of 100 steps.
  expect(said[39]! / 187_500).toBeCloseTo(1, 0);
  expect(said[39]!).toBeGreaterThan(140_000);
});

test('is never below zero', () => {
  const said = saidOver([1000, 1000, 500_000]);
  for (const ms of said) expect(ms ?? 0).toBeGreaterThanOrEqual(0);
});

test('words grow coarser with the time', () => {
  expect([100, 5000, 11_000, 55_000, 56_000, 61_000, 5_000_000, 9_000_000].map(timeLeftText)).toEqual([
    'a few seconds left',
    '5 s left',
    '15 s left',
    '55 s left',
    '1 min left',
    '2 min left',
    '84 min left',
    '3 h left',
  ]);
});

test('a line names its stage, and shows bar, count and time where there is more than one step', () => {
  expect(stageText('prove', 0, 1, undefined)).toBe('prove');
  expect(stageText('calibrate', 64, 256, 61_000)).toBe(
    `calibrate  ${'█'.repeat(6)}${' '.repeat(18)}   64 of 256  2 min left`,
  );
  expect(stageText('judge', 8, 8, 0)).toBe(`judge      ${'█'.repeat(24)}  8 of 8`);
});
