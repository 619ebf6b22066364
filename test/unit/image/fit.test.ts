import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fitPicture, geometryText, seesAlike } from '../../../src/image/fit.ts';

type Row = [number, number, number, number, number, number, number, number];
const rows: Row[] = JSON.parse(readFileSync('test/golden/image/fit.json', 'utf8'));

test('sizes and offsets follow torchvision, half pixels and borders included', () => {
  expect(rows.length).toBeGreaterThan(100);
  for (const [pictureWidth, pictureHeight, inputSize, resize, width, height, left, top] of rows) {
    const fit = fitPicture(pictureWidth, pictureHeight, { inputSize, resize });
    const text = `${pictureWidth} x ${pictureHeight} to ${inputSize} of ${resize}`;
    expect(fit, text).toEqual({ width, height, left, top, size: inputSize });
  }
});

test('the rows hold half pixels of both parities and borders', () => {
  const slacks = rows.map(([, , inputSize, , width]) => width - inputSize);
  for (const rest of [1, 3]) expect(slacks.some((slack) => slack > 0 && slack % 4 === rest)).toBe(true);
  expect(slacks.some((slack) => slack < 0)).toBe(true);
});

test('models see alike what they cut and resize alike, bilinear where it is not said', () => {
  const geometry = { inputSize: 224, resize: 256 };
  expect(geometryText(geometry)).toBe('224 of 256 pixels, bilinear');
  expect(seesAlike(geometry, { ...geometry, interpolation: 'bilinear' })).toBe(true);
  const others = [{ interpolation: 'bicubic' }, { resize: 255 }, { inputSize: 223 }] as const;
  expect(others.map((other) => seesAlike(geometry, { ...geometry, ...other }))).toEqual([false, false, false]);
});
