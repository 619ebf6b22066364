import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fitPicture } from '../../../src/image/fit.ts';

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
