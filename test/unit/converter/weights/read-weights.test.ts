import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { concat, expectedOf, golden, numbers } from './files.ts';

const FILES = [
  ['elements.safetensors', 'safetensors', []],
  ['elements.zip.pth', 'pytorch-zip', []],
  ['elements.protocol4.pth', 'pytorch-zip', []],
  ['elements.legacy.pth', 'pytorch-legacy', []],
  ['checkpoint.zip.pth', 'pytorch-zip', ['state_dict', 'module.']],
  ['checkpoint.legacy.pth', 'pytorch-legacy', ['state_dict', 'module.']],
] as const;

describe.each(FILES)('%s', (file, format, unwrapped) => {
  const weights = readWeights(golden(file));
  const expected = expectedOf(file);

  test('is recognised and unwrapped', () => {
    expect(weights.format).toBe(format);
    expect(weights.unwrapped).toEqual(unwrapped);
    expect([...weights.tensors.keys()]).toEqual(Object.keys(expected));
  });

  test.each(Object.keys(expected))('%s has the values that Python wrote', (name) => {
    const tensor = weights.tensors.get(name)!;
    expect(tensor.dims).toEqual(expected[name]!.dims);
    expect(tensor.read()).toEqual(Float32Array.from(numbers(expected[name]!.values)));
  });
});

test('a file of PyTorch itself: names, shapes and half precision values', () => {
  const { tensors } = readWeights(golden('resnet18.fp16.safetensors'));
  expect(tensors.size).toBe(122);
  expect(tensors.get('conv1.weight')!.dims).toEqual([8, 3, 7, 7]);
  const variance = tensors.get('layer4.1.bn2.running_var')!;
  expect(variance.dtype).toBe('F16');
  expect(variance.read().every((value) => value > 0 && value < 100)).toBe(true);
});

test('aligned float32 is a view on the file, unaligned float32 is a copy with the same values', () => {
  const bytes = golden('elements.safetensors');
  const view = readWeights(bytes).tensors.get('f32')!.read();
  expect(view.buffer).toBe(bytes.buffer);
  const shifted = concat(new Uint8Array(1), bytes).subarray(1);
  const copy = readWeights(shifted).tensors.get('f32')!.read();
  expect(copy.buffer).not.toBe(shifted.buffer);
  expect(copy).toEqual(view);
});

test.each(['elements.safetensors', 'elements.zip.pth', 'elements.legacy.pth'])(
  '%s: nothing is decoded before it is read',
  (file) => {
    const bytes = golden(file);
    const { tensors } = readWeights(bytes);
    bytes.fill(0);
    for (const tensor of tensors.values()) expect(tensor.read().every((value) => value === 0)).toBe(true);
  },
);

test('a header whose length begins like a pickle is still safetensors', () => {
  const body = `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`.padEnd(0x280);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, 0x280n, true);
  const bytes = concat(prefix, new Uint8Array(Buffer.from(body)), new Uint8Array([9]));
  expect(readWeights(bytes).tensors.get('a')!.read()).toEqual(Float32Array.of(9));
});
