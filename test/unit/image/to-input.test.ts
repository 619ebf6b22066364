import { expect, test } from 'vitest';
import { allocateInput, toInput } from '../../../src/image/to-input.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';

const base: Preprocessing = {
  input: 'float',
  layout: 'nchw',
  channels: 'rgb',
  inputSize: 2,
  resize: 2,
  interpolation: 'bilinear',
  scale: 255,
  mean: [0.5, 0.25, 0.125],
  std: [0.5, 0.25, 0.2],
};
const pixels = { width: 2, height: 2, data: Uint8Array.from([0, 51, 102, 255, 204, 153, 10, 20, 30, 40, 50, 60]) };

function value(pixel: number, channel: number, { scale, mean, std }: Preprocessing): number {
  return Math.fround((pixel / scale - mean[channel]!) / std[channel]!);
}

test('raw input takes the bytes as they are, at the place asked for', () => {
  const raw: Preprocessing = { ...base, input: 'raw', layout: 'nhwc' };
  const out = allocateInput(raw, 3);
  expect(out.dims).toEqual([3, 2, 2, 3]);
  expect(toInput(pixels, raw, out, 1)).toBe(out);
  expect([...out.data]).toEqual([...new Array(12).fill(0), ...pixels.data, ...new Array(12).fill(0)]);
});

test.each(['rgb', 'bgr'] as const)(
  'float input in %s order has channel planes (nchw) or channels last (nhwc)',
  (channels) => {
    const caffe = channels === 'bgr' ? ({ scale: 1, mean: [104, 117, 123], std: [1, 1, 1] } as const) : {};
    for (const layout of ['nchw', 'nhwc'] as const) {
      const preprocessing: Preprocessing = { ...base, ...caffe, channels, layout };
      const out = allocateInput(preprocessing, 2);
      expect(out.dims).toEqual(layout === 'nchw' ? [2, 3, 2, 2] : [2, 2, 2, 3]);
      toInput(pixels, preprocessing, out, 1);
      for (let i = 0; i < 4; i++) {
        for (let channel = 0; channel < 3; channel++) {
          const pixel = pixels.data[i * 3 + (channels === 'rgb' ? channel : 2 - channel)]!;
          const at = layout === 'nchw' ? channel * 4 + i : i * 3 + channel;
          expect(out.data[12 + at]).toBe(value(pixel, channel, preprocessing));
        }
      }
      expect(out.data.subarray(0, 12).every((zero) => zero === 0)).toBe(true);
    }
  },
);

test('without a tensor one for a single picture is made', () => {
  expect(toInput(pixels, base)).toMatchObject({ dtype: 'float32', dims: [1, 3, 2, 2] });
});

test('a picture of another size, a tensor of another type or a place outside are refused', () => {
  const wide = { width: 4, height: 1, data: pixels.data };
  expect(() => toInput(wide, base)).toThrow(
    "expected 2 x 2 RGB pixels for the model's input, received 4 x 1 with 12 bytes",
  );
  const short = { width: 2, height: 2, data: new Uint8Array(11) };
  expect(() => toInput(short, base)).toThrow('received 2 x 2 with 11 bytes');
  const raw = allocateInput({ ...base, input: 'raw' }, 2);
  expect(() => toInput(pixels, base, raw)).toThrow(
    'expected a float32 tensor with room for picture 0 of 12 values, received uint8 [2, 2, 2, 3]',
  );
  for (const index of [2, -1, 0.5]) {
    expect(() => toInput(pixels, base, allocateInput(base, 2), index)).toThrow(`room for picture ${index}`);
  }
});
