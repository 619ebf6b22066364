import fc from 'fast-check';
import type { Attribute, Model, NamedTensor, OnnxNode, ValueInfo } from '../../../src/onnx/schema.ts';
import { arrayLength, bytesPerEntry, type DType, type TensorData } from '../../../src/tensor/dtype.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const float = fc.float();
const int = fc.maxSafeInteger();

const ARRAYS: Readonly<Record<DType, (bytes: ArrayBuffer) => TensorData>> = {
  float32: (bytes) => new Float32Array(bytes),
  float16: (bytes) => new Uint16Array(bytes),
  uint8: (bytes) => new Uint8Array(bytes),
  int8: (bytes) => new Int8Array(bytes),
  int4: (bytes) => new Uint8Array(bytes),
  uint16: (bytes) => new Uint16Array(bytes),
  int16: (bytes) => new Int16Array(bytes),
  int32: (bytes) => new Int32Array(bytes),
  int64: (bytes) => new BigInt64Array(bytes),
  bool: (bytes) => new Uint8Array(bytes),
};
const dtype = fc.constantFrom(...(Object.keys(ARRAYS) as DType[]));

const tensor: fc.Arbitrary<NamedTensor> = fc
  .record({
    name,
    dtype,
    dims: fc.array(fc.nat(4), { maxLength: 4 }),
    seed: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  })
  .map(({ name, dtype, dims, seed }) => {
    const bytes = new Uint8Array(arrayLength(dtype, elementCount(dims)) * bytesPerEntry(dtype));
    for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === 'bool' ? seed[i % 8]! & 1 : seed[i % 8]! + i;
    return { name, dtype, dims, data: ARRAYS[dtype](bytes.buffer) } as NamedTensor;
  });

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: int }),
  fc.record({ kind: fc.constant('float' as const), value: float }),
  fc.record({ kind: fc.constant('string' as const), value: text }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(int) }),
  fc.record({ kind: fc.constant('floats' as const), value: fc.array(float) }),
  fc.record({ kind: fc.constant('strings' as const), value: fc.array(text) }),
  fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
);

const node: fc.Arbitrary<OnnxNode> = fc.record({
  name: text,
  op: name,
  domain: text,
  inputs: fc.array(text, { maxLength: 4 }),
  outputs: fc.array(text, { maxLength: 3 }),
  attributes: fc.array(fc.tuple(name, attribute), { maxLength: 4 }).map((list) => new Map(list)),
});

const values: fc.Arbitrary<readonly ValueInfo[]> = fc.array(
  fc.record({ name: text, dtype, dims: fc.array(fc.oneof(fc.maxSafeNat(), text), { maxLength: 5 }) }),
  { maxLength: 3 },
);

/** Any small model that onnx.proto can hold. */
export const anyModel: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.nat(20),
  opsets: fc.array(fc.record({ domain: text, version: fc.nat(30) }), { maxLength: 3 }),
  producerName: text,
  producerVersion: text,
  metadata: fc.array(fc.tuple(text, text), { maxLength: 4 }).map((list) => new Map(list)),
  graph: fc.record({
    name: text,
    nodes: fc.array(node, { maxLength: 5 }),
    initializers: fc.array(tensor, { maxLength: 5 }),
    inputs: values,
    outputs: values,
    values,
  }),
});
