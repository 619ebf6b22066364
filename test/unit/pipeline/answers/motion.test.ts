import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIXEL_FORMATS } from '../../../../src/image/frame.ts';
import { motionGate } from '../../../../src/pipeline/answers/motion.ts';
import {
  THUMBNAIL_HEIGHT,
  THUMBNAIL_LENGTH,
  THUMBNAIL_WIDTH,
  thumbnail,
} from '../../../../src/pipeline/answers/thumbnail.ts';
import { mulberry32 } from '../../../../src/tensor/random.ts';
import { greyFrame } from './frames.ts';

const options = { level: 6, lingerMs: 0, adaptMs: 2000, atMostMs: 60_000 };
const flat = (level: number): Uint8Array => new Uint8Array(THUMBNAIL_LENGTH).fill(level);

describe('a thumbnail', () => {
  test.each(PIXEL_FORMATS)('of %s holds the brightness, row padding left out', (format) => {
    for (const [width, height] of [
      [640, 480],
      [33, 25],
      [7, 5],
      [1, 1],
    ] as const) {
      const frame = greyFrame(format, width, height, (x) => (x < width / 2 ? 40 : 200), 64);
      const grey = thumbnail(frame, new Uint8Array(THUMBNAIL_LENGTH));
      for (let row = 0; row < THUMBNAIL_HEIGHT; row++) {
        expect(grey[row * THUMBNAIL_WIDTH]).toBe(40);
        expect(grey[(row + 1) * THUMBNAIL_WIDTH - 1]).toBe(width === 1 ? 40 : 200);
      }
    }
  });

  test.each(PIXEL_FORMATS)('of a part of %s holds the part', (format) => {
    const inside = (x: number, y: number): boolean => x >= 10 && x < 20 && y >= 30 && y < 35;
    const frame = greyFrame(format, 64, 48, (x, y) => (inside(x, y) ? 90 : 3));
    expect(thumbnail(frame, flat(0), { x: 10, y: 30, width: 10, height: 5 })).toEqual(flat(90));
  });

  test('weighs colours as the eye does', () => {
    const red = greyFrame('rgb24', 4, 4, () => 0);
    for (let at = 0; at < red.data.length; at += 3) red.data[at] = 255;
    expect(thumbnail(red, flat(0))).toEqual(flat(76));
  });
});

describe('the motion gate', () => {
  test('opens for the first frame and for a change of the level, not for less', () => {
    const { moved } = motionGate(options);
    const seen = [100, 100, 105, 112, 112].map((level, i) => moved(flat(level), i * 33));
    expect(seen).toEqual([true, false, false, true, false]);
  });

  test('opens again when a change is undone at once', () => {
    const { moved } = motionGate(options);
    const seen = [100, 100, 200, 100, 100].map((level, i) => moved(flat(level), i * 33));
    expect(seen).toEqual([true, false, true, true, false]);
  });

  test('stays closed under noise below the level', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 20, max: 230 }), (seed, level) => {
        const { moved } = motionGate(options);
        const random = mulberry32(seed);
        const noisy = (): Uint8Array => flat(level).map((value) => value + Math.round(random() * 6 - 3));
        const seen = Array.from({ length: 60 }, (_, i) => moved(noisy(), i * 33));
        expect(seen.indexOf(true)).toBe(0);
        expect(seen.lastIndexOf(true)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });

  test('opens for something small in any corner', () => {
    for (const corner of [0, THUMBNAIL_WIDTH - 1, THUMBNAIL_LENGTH - THUMBNAIL_WIDTH, THUMBNAIL_LENGTH - 1]) {
      const { moved } = motionGate({ ...options, level: 2 });
      const changed = flat(100);
      changed[corner] = 255;
      expect([moved(flat(100), 0), moved(changed, 33)]).toEqual([true, true]);
    }
  });

  test('stays open for its time after a change', () => {
    const { moved } = motionGate({ ...options, lingerMs: 1000 });
    const seen = Array.from({ length: 50 }, (_, i) => moved(flat(i < 20 ? 100 : 200), i * 100));
    const open = [...Array.from({ length: 10 }, (_, i) => i), ...Array.from({ length: 10 }, (_, i) => 20 + i)];
    expect(seen.flatMap((is, i) => (is ? [i] : []))).toEqual(open);
  });

  test('follows the daylight, however often it is asked', () => {
    for (const step of [33, 200, 1000]) {
      const { moved } = motionGate(options);
      // Two levels a second are followed four levels behind, six a second are not.
      const opened = (perSecond: number) =>
        Array.from({ length: 20_000 / step }, (_, i) => moved(flat(100 + (perSecond * i * step) / 1000), i * step));
      expect(opened(2).lastIndexOf(true)).toBe(0);
      expect(opened(6).lastIndexOf(true)).toBeGreaterThan(0);
    }
  });

  test('opens for a still scene after its time', () => {
    const { moved } = motionGate({ ...options, atMostMs: 1000 });
    const seen = Array.from({ length: 25 }, (_, i) => moved(flat(9), i * 100));
    expect(seen.flatMap((open, i) => (open ? [i] : []))).toEqual([0, 10, 20]);
  });
});
