import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegion, regionIn } from '../../../../src/pipeline/answers/region.ts';

test.each([
  ['0.25,0.25,0.5,0.5', { unit: 'shares', x: 0.25, y: 0.25, width: 0.5, height: 0.5 }],
  ['0,0,1,1', { unit: 'shares', x: 0, y: 0, width: 1, height: 1 }],
  ['0.7,0, 0.3,1', { unit: 'shares', x: 0.7, y: 0, width: 0.3, height: 1 }],
  ['160,120,320,240', { unit: 'pixels', x: 160, y: 120, width: 320, height: 240 }],
])('%s', (text, expected) => {
  expect(parseRegion(text)).toEqual(expected);
});

test.each([
  ['', /four numbers/],
  ['1,2,3', /four numbers/],
  ['1,2,3,4,5', /four numbers/],
  ['a,0,1,1', /four numbers/],
  ['-1,0,10,10', /four numbers from 0 on/],
  ['1e400,0,10,10', /four numbers/],
  ['0,0,0,1', /empty/],
  ['0.6,0,0.5,1', /ends outside/],
  ['10.5,0,20,20', /pixels are whole numbers/],
])('%s is refused', (text, says) => {
  expect(() => parseRegion(text)).toThrow(says);
});

test('shares lie within a frame of any size, on at least one pixel', () => {
  const side = fc.integer({ min: 1, max: 4000 });
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(side, side, p, p, p, p, (width, height, x, y, w, h) => {
      const asked = { unit: 'shares' as const, x, y, width: w * (1 - x), height: h * (1 - y) };
      const region = regionIn(asked, { width, height });
      expect(Object.values(region).every(Number.isInteger)).toBe(true);
      expect(Math.min(region.width, region.height)).toBeGreaterThanOrEqual(1);
      expect(Math.min(region.x, region.y)).toBeGreaterThanOrEqual(0);
      expect(region.x + region.width).toBeLessThanOrEqual(width);
      expect(region.y + region.height).toBeLessThanOrEqual(height);
    }),
  );
});

test('a quarter in the middle, and pixels as they are', () => {
  expect(regionIn(parseRegion('0.25,0.25,0.5,0.5'), { width: 640, height: 480 })).toEqual({
    x: 160,
    y: 120,
    width: 320,
    height: 240,
  });
  expect(regionIn(parseRegion('8,8,16,16'), { width: 10, height: 10 })).toEqual({ x: 8, y: 8, width: 16, height: 16 });
});
