import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Pixels } from '../../../src/image/pixels.ts';
import { resizeAndCrop } from '../../../src/image/resize-and-crop.ts';
import { INTERPOLATIONS, type Interpolation } from '../../../src/tensor/preprocessing.ts';

type Row = [
  interpolation: Interpolation,
  width: number,
  height: number,
  inputSize: number,
  resize: number,
  expected: string,
];
const rows: Row[] = JSON.parse(readFileSync('test/golden/image/resample.json', 'utf8'));

/** The same picture as in test/golden/image/generate.py. */
function formula(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const c = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    data[i] = (x * x * 7 + y * 13 + x * y + c * 50) % 256;
  }
  return { width, height, data };
}

test.each(rows)(
  '%s: %i x %i to %i of %i is what Pillow gives, byte for byte',
  (interpolation, width, height, inputSize, resize, expected) => {
    const out = resizeAndCrop(formula(width, height), { inputSize, resize, interpolation });
    expect([out.width, out.height]).toEqual([inputSize, inputSize]);
    expect(Buffer.from(out.data).equals(Buffer.from(expected, 'base64'))).toBe(true);
  },
);

test.each(INTERPOLATIONS)('white stays white and black black at any ratio, %s', (interpolation) => {
  for (const [width, height, resize] of [
    [7, 5, 64],
    [640, 480, 9],
    [129, 128, 127],
  ] as const) {
    for (const value of [0, 255]) {
      const data = new Uint8Array(width * height * 3).fill(value);
      const out = resizeAndCrop({ width, height, data }, { inputSize: 8, resize, interpolation });
      expect(out.data.every((byte) => byte === value)).toBe(true);
    }
  }
});

test('a picture of the wanted size is passed on without a copy', () => {
  const pixels = formula(32, 32);
  expect(resizeAndCrop(pixels, { inputSize: 32, resize: 32 })).toBe(pixels);
});

test('a picture whose shorter side fits is cropped only', () => {
  const pixels = formula(9, 6);
  const out = resizeAndCrop(pixels, { inputSize: 4, resize: 6 });
  const rowsOut = [1, 2, 3, 4].map((y) => pixels.data.subarray((y * 9 + 2) * 3, (y * 9 + 6) * 3));
  expect(Buffer.from(out.data).equals(Buffer.concat(rowsOut))).toBe(true);
});
