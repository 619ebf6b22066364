import { expect, it } from 'vitest';
import { tensorInfo } from '../../../src/runtime/tensor-info.ts';

it('names every dimension, also those without a name', () => {
  const value = { name: 'input', isTensor: true, type: 'uint8', shape: ['N', '', 32, 3] };
  expect(tensorInfo(value, 'x.onnx')).toEqual({ name: 'input', dtype: 'uint8', dims: ['N', '?', 32, 3] });
});

it.each([
  [{ name: 'names', isTensor: true, type: 'string', shape: [1] }, 'string'],
  [{ name: 'list', isTensor: false }, 'no tensor'],
])('refuses what is no tensor of numbers', (value, came) => {
  expect(() => tensorInfo(value, 'x.onnx')).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining(`${value.name} in x.onnx, came ${came}`),
    }),
  );
});
