import { expect, test } from 'vitest';
import {
  formatMemory,
  MAX_MEMORY_BYTES,
  parseMemory,
  recall,
  remember,
  rememberedPerClass,
} from '../../../../converter/head/memory.ts';

const WIDTH = 3;
const ROWS = [Float32Array.of(0, 0.5, 1, 2, 0.25, 0), Float32Array.of(-1, 1.5, 2)];

test('features come back as they went in, to half a step', () => {
  const memory = parseMemory(formatMemory(remember(ROWS, WIDTH)), 2, WIDTH);
  expect(memory.counts).toEqual([2, 1]);
  const step = 3 / 255;
  for (const [index, rows] of ROWS.entries()) {
    for (const [i, value] of recall(memory, index).entries()) {
      expect(Math.abs(value - rows[i]!)).toBeLessThanOrEqual(step / 2 + 1e-6);
    }
  }
});

test('integers come back exactly', () => {
  const scale = Math.fround(0.0173);
  const rows = [Float32Array.from([0, 17, 255], (value) => Math.fround((value - 3) * scale))];
  const memory = remember(rows, WIDTH, { scale, offset: -3 * scale });
  expect([...memory.stored]).toEqual([0, 17, 255]);
  const again = recall(parseMemory(formatMemory(memory), 1, WIDTH), 0);
  for (const [i, value] of again.entries()) expect(value).toBeCloseTo(rows[0]![i]!, 6);
});

test('a model stays small, and many classes are not remembered', () => {
  expect(rememberedPerClass(10, 64) * 10 * 64).toBeLessThanOrEqual(MAX_MEMORY_BYTES);
  expect(rememberedPerClass(10, 2048)).toBeGreaterThanOrEqual(10);
  expect(rememberedPerClass(1000, 2048)).toBe(0);
});

test.each([
  ['another width', (text: string) => text, 2, 4],
  ['other classes', (text: string) => text, 3, WIDTH],
  ['a cut', (text: string) => text.slice(0, -4), 2, WIDTH],
  ['no numbers', () => 'nothing at all', 2, WIDTH],
  ['a negative count', (text: string) => text.replace('[2,1]', '[4,-1]'), 2, WIDTH],
  ['a scale of zero', (text: string) => text.replace(/"scale":[^,]+/, '"scale":0'), 2, WIDTH],
])('memory of %s is refused', (_, change, classes, width) => {
  expect(() => parseMemory(change(formatMemory(remember(ROWS, WIDTH))), classes, width)).toThrow(
    /^expected the features of \d classes, \d of each picture, in the model's memory, found damaged ones: learn/,
  );
});
