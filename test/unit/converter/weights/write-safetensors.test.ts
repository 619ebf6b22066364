import { expect, test } from 'vitest';
import { readSafetensors } from '../../../../converter/weights/safetensors.ts';
import { writeSafetensors } from '../../../../converter/weights/write-safetensors.ts';
import { concat } from '../../../../src/onnx/encode.ts';

const tensors = new Map([
  ['a.weight', { dims: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-40, Number.MAX_VALUE) }],
  ['b', { dims: [], data: Float32Array.of(7) }],
  ['none', { dims: [0, 4], data: new Float32Array() }],
]);
const metadata = new Map([['labels', '["Käse","a\\"b"]']]);

test('what is written is read again, bit for bit', () => {
  const read = readSafetensors(concat(writeSafetensors(tensors, metadata)));
  expect(read.metadata).toEqual(metadata);
  expect([...read.tensors].map(([name, { dtype, dims, read }]) => ({ name, dtype, dims, data: read() }))).toEqual(
    [...tensors].map(([name, tensor]) => ({ name, dtype: 'F32', ...tensor })),
  );
});

test('counts are written as int64', () => {
  const count = new Map([['n', { dims: [], data: BigInt64Array.of(2n ** 40n) }]]);
  const bytes = concat(writeSafetensors(count, new Map()));
  expect(new TextDecoder().decode(bytes)).toContain('{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}');
  expect(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(bytes.length - 8, true)).toBe(2n ** 40n);
});

test('the layout is that of the format: length, header of whole eights, data', () => {
  const bytes = concat(writeSafetensors(new Map([['w', { dims: [1], data: Float32Array.of(1) }]]), new Map()));
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd()).toBe(
    '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
  );
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
});
