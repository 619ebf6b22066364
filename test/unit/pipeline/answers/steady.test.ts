import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settler } from '../../../../src/pipeline/answers/settle.ts';
import { steadier } from '../../../../src/pipeline/answers/steady.ts';
import { repeatAnswer } from '../../../../src/pipeline/answers/still.ts';
import { answerOf, LABELS } from './answers.ts';

const options = { threshold: 0.4, hysteresis: 0.1, leadMs: 1000 };

describe('which class holds', () => {
  test('noise smaller than the hysteresis never changes it', () => {
    const noise = fc.array(fc.double({ min: -0.049, max: 0.049, noNaN: true }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(noise, (offsets) => {
        // No class leads for a second: every tenth frame is the first one's.
        const settle = settler(options);
        expect(settle([0.6, 0.4], 0)).toBe(0);
        for (const [i, offset] of offsets.entries()) {
          const lead = i % 10 === 9 ? Math.abs(offset) : offset;
          expect(settle([0.5 + lead, 0.5 - lead], (i + 1) * 33)).toBe(0);
        }
      }),
    );
  });

  test('a clear lead changes it in one frame, whatever came before', () => {
    const before = fc.array(fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(before, (history) => {
        const settle = settler(options);
        for (const [i, value] of history.entries()) settle([value, 1 - value], i * 33);
        expect(settle([0.1, 0.9], history.length * 33)).toBe(1);
      }),
    );
  });

  test('a small lead changes it after its time', () => {
    const settle = settler(options);
    settle([0.55, 0.45], 0);
    const held = [500, 1000, 1499, 1500].map((at) => settle([0.49, 0.51], at));
    expect(held).toEqual([0, 0, 0, 1]);
  });

  test.each([
    ['nothing until the threshold', [0.3, 0.39], [undefined, undefined]],
    ['from the threshold on', [0.4, 0.35, 0.31], [0, 0, 0]],
    ['no longer once it falls below the lower one', [0.4, 0.29, 0.35, 0.4], [0, undefined, undefined, 0]],
  ])('%s', (_, values, expected) => {
    const settle = settler(options);
    expect(values.map((value, i) => settle([value, 0.1, 0.1], i * 33))).toEqual(expected);
  });

  test('a threshold within the hysteresis can be left too', () => {
    const settle = settler({ ...options, threshold: 0.1 });
    expect([0.1, 0.06, 0.04].map((value, i) => settle([value], i))).toEqual([0, 0, undefined]);
  });

  test('of NaN nothing does', () => {
    const settle = settler(options);
    expect([settle([0.9, 0.1], 0), settle([Number.NaN, Number.NaN], 1)]).toEqual([0, undefined]);
  });
});

describe('an answer', () => {
  const steady = () => steadier({ ...options, smoothMs: 1000, labels: LABELS });

  test('names what holds, with its average and the likeliest classes', () => {
    const next = steady();
    next(answerOf(0, 0, [0.8, 0.1, 0.1]));
    const { best, top, frame, at, still } = next(answerOf(3, 100, [0, 0.9, 0.1]));
    expect({ frame, at, still, label: best?.label }).toEqual({ frame: 3, at: 100, still: false, label: 'cat' });
    expect(best?.probability).toBeCloseTo(0.8 * Math.exp(-0.1), 6);
    expect(top.map(({ label }) => label)).toEqual(['cat', 'dog', 'owl']);
  });

  test('is unknown where nothing is likely', () => {
    expect(steady()(answerOf(0, 0, [0.3, 0.35, 0.35])).best).toBeUndefined();
  });

  test('repeated for a still frame goes on towards what was seen', () => {
    const next = steady();
    next(answerOf(0, 0, [1, 0, 0]));
    const seen = answerOf(1, 33, [0, 1, 0]);
    next(seen);
    const later = next(repeatAnswer(seen, { index: 9 }, 5000));
    expect(later).toMatchObject({ frame: 9, at: 5000, still: true, best: { label: 'dog' } });
    expect(later.best?.probability).toBeGreaterThan(0.99);
  });
});
