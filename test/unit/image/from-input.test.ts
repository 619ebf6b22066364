import { expect, test } from 'vitest';
import { fromInput } from '../../../src/image/from-input.ts';
import { toInput } from '../../../src/image/to-input.ts';
import { classic, raw } from '../converter/conversions.ts';

const pixels = { width: 4, height: 4, data: Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256) };

test.each([
  ['raw bytes', raw(4)],
  ['floats by channel', classic(4)],
  ['floats by pixel, blue first', classic(4, { layout: 'nhwc', channels: 'bgr' })],
])('an input of %s gives its picture back', (_, preprocessing) => {
  expect(fromInput(toInput(pixels, preprocessing), preprocessing)).toEqual(pixels);
});
