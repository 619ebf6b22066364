import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type FrameShape, frameShape, PIXEL_FORMATS, planesOf, type RawPicture } from '../../../src/image/frame.ts';
import { createFramePreparer } from '../../../src/image/from-frame.ts';
import { resizeAndCrop } from '../../../src/image/resize-and-crop.ts';
import { allocateInput, toInput } from '../../../src/image/to-input.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import { mulberry32 } from '../../../src/tensor/random.ts';

const FOLDER = new URL('../../golden/frame/', import.meta.url);
const read = (name: string): Uint8Array => readFileSync(new URL(name, FOLDER));
type GoldenCase = FrameShape & {
  readonly name: string;
  readonly frame: string;
  readonly region: readonly [number, number, number, number];
  readonly tolerance: number;
};

const golden: { readonly inputSize: number; readonly resize: number; readonly cases: readonly GoldenCase[] } =
  JSON.parse(readFileSync(new URL('cases.json', FOLDER), 'utf8'));

function preprocessing(inputSize: number, resize: number, input: 'raw' | 'float' = 'raw'): Preprocessing {
  return {
    input,
    layout: 'nchw',
    channels: 'bgr',
    inputSize,
    resize,
    interpolation: 'bilinear',
    scale: 255,
    mean: [0.5, 0.4, 0.3],
    std: [0.2, 0.3, 0.4],
  };
}

describe('against ffmpeg and Pillow', () => {
  test.each<GoldenCase>(golden.cases)('$name', (item) => {
    const { name, format, width, height, stride, range, region, tolerance } = item;
    const model = preprocessing(golden.inputSize, golden.resize);
    const [x, y, w, h] = region;
    const prepare = createFramePreparer(model, { x, y, width: w, height: h });
    const frame = { format, width, height, stride, data: read(`${item.frame}.raw`), ...(range ? { range } : {}) };
    const { data } = prepare(frame, allocateInput(model));
    const expected = read(`${name}.rgb`);
    expect(data).toHaveLength(expected.length);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(data[i]))), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
});

describe('a preparer', () => {
  const random = mulberry32(5);
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));

  test.each([
    [37, 23],
    [64, 48],
    [5, 31],
  ])('gives what resizing RGB of %d x %d gives, also as float, and for a region of shares', (width, height) => {
    for (const [input, interpolation] of [
      ['raw', 'bilinear'],
      ['raw', 'bicubic'],
      ['float', 'bilinear'],
    ] as const) {
      const model = { ...preprocessing(16, 18, input), interpolation };
      const data = noise(width * height * 3);
      const expected = toInput(resizeAndCrop({ width, height, data }, model), model);
      const prepare = createFramePreparer(model, (frame) => ({ x: 0, y: 0, width: frame.width, height: frame.height }));
      expect(prepare({ ...frameShape('rgb24', width, height), data }, allocateInput(model))).toEqual(expected);
    }
  });

  test('follows a source that changes its size and format', () => {
    const model = preprocessing(8, 8);
    const prepare = createFramePreparer(model);
    const out = allocateInput(model);
    const grey = (format: RawPicture['format'], width: number, height: number): RawPicture => {
      const shape = frameShape(format, width, height, 16, 'full');
      return { ...shape, data: new Uint8Array(planesOf(shape).bytes).fill(128) };
    };
    for (const format of PIXEL_FORMATS) {
      for (const [width, height] of [
        [9, 7],
        [1, 1],
        [33, 12],
      ] as const) {
        out.data.fill(0);
        expect(new Set(prepare(grey(format, width, height), out).data)).toEqual(new Set([128]));
      }
    }
  });

  test('refuses a frame shorter than its shape, rows shorter than a picture, and a region outside', () => {
    const model = preprocessing(8, 8);
    const prepare = createFramePreparer(model, { x: 2, y: 0, width: 8, height: 8 });
    const out = allocateInput(model);
    const shape = frameShape('yuv420p', 9, 9);
    expect(() => prepare({ ...shape, data: new Uint8Array(130) }, out)).toThrow(
      /131 bytes in all, received rows of 9 and 130/,
    );
    expect(() => prepare({ ...shape, stride: 8, data: new Uint8Array(200) }, out)).toThrow(/rows of at least 9 bytes/);
    expect(() => prepare({ ...shape, data: new Uint8Array(131) }, out)).toThrow(
      /region x,y,w,h inside the frame of 9 x 9, received 2,0,8,8/,
    );
  });
});
