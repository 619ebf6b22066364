import { describe, expect, test } from 'vitest';
import { frameShape, PIXEL_FORMATS, planesOf } from '../../../src/image/frame.ts';
import { framePixels } from '../../../src/image/frame-pixels.ts';
import { greyFrame } from '../pipeline/answers/frames.ts';

describe.each(PIXEL_FORMATS)('%s', (format) => {
  test.each([
    [6, 4, 1],
    [7, 5, 64],
    [1, 1, 8],
  ])('%i x %i, rows padded to %i', (width, height, align) => {
    const level = (x: number, y: number): number => 20 + 13 * x + 30 * y;
    const { data, ...size } = framePixels(greyFrame(format, width, height, level, align));
    expect(size).toEqual({ width, height });
    const expected = Array.from({ length: width * height }, (_, i) => level(i % width, Math.trunc(i / width)));
    expect([...data]).toEqual(expected.flatMap((value) => [value, value, value]));
  });

  test('a frame that is cut short is refused', () => {
    const frame = greyFrame(format, 6, 4, () => 0);
    expect(() => framePixels({ ...frame, data: frame.data.subarray(1) })).toThrow(/expected a .* frame of 6 x 4/);
  });
});

test('the order of colours', () => {
  const rgb = { ...frameShape('rgb24', 1, 1), data: Uint8Array.of(1, 2, 3) };
  const bgrx = { ...frameShape('bgrx', 1, 1), data: Uint8Array.of(3, 2, 1, 99) };
  expect([framePixels(rgb).data, framePixels(bgrx).data]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
  // Pure red of BT.601 in full range: Y 76, Cb 85, Cr 255.
  const red = frameShape('yuv420p', 2, 2, 1, 'full');
  const planes = planesOf(red);
  const data = new Uint8Array(planes.bytes).fill(76, 0, 4);
  data[planes.u] = 85;
  data[planes.v] = 255;
  const [r = 0, g = 0, b = 0] = framePixels({ ...red, data }).data;
  expect(r).toBeGreaterThan(250);
  expect(Math.max(g, b)).toBeLessThan(5);
});
