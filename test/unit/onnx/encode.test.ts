import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { concat, encodeModel, streamModel } from '../../../src/onnx/encode.ts';
import type { Attribute, NamedTensor } from '../../../src/onnx/schema.ts';
import { float32 } from '../../../src/tensor/tensor.ts';
import { GOOD, golden, tinyModel } from './files.ts';
import { anyModel } from './models.ts';

describe('encodeModel', () => {
  it.each(['raw', 'attributes'])('writes %s.onnx byte for byte as the onnx package does', (name) => {
    const bytes = golden(`good/${name}.onnx`);
    expect(concat(encodeModel(decodeModel(bytes)))).toEqual(bytes);
  });

  it.each(GOOD)('keeps everything of %s.onnx', (name) => {
    const model = decodeModel(golden(`good/${name}.onnx`));
    expect(decodeModel(concat(encodeModel(model)))).toEqual(model);
  });

  it('keeps any model, and gives the same bytes again', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const bytes = concat(encodeModel(model));
        expect(decodeModel(bytes)).toEqual(model);
        expect(concat(encodeModel(decodeModel(bytes)))).toEqual(bytes);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('passes large tensors by reference and copies small ones', () => {
    const large = new Float32Array(1025).fill(1);
    const small = new Float32Array(1024).fill(2);
    const initializers = [
      { name: 'small', ...float32([1024], small) },
      { name: 'large', ...float32([1025], large) },
      { name: 'again', ...float32([1025], large) },
    ];
    const chunks = encodeModel(tinyModel({ initializers }));
    expect(chunks.filter((chunk) => chunk.buffer === large.buffer).map((chunk) => chunk.length)).toEqual([4100, 4100]);
    expect(chunks.some((chunk) => chunk.buffer === small.buffer)).toBe(false);
    expect(decodeModel(concat(chunks)).graph.initializers).toEqual(initializers);
  });

  it('passes a view on a part of a larger buffer', () => {
    const buffer = Float32Array.from({ length: 4000 }, (_, i) => i);
    const initializers = [{ name: 'w', ...float32([2000], buffer.subarray(1000, 3000)) }];
    const [decoded] = decodeModel(concat(encodeModel(tinyModel({ initializers })))).graph.initializers;
    expect(decoded?.data).toEqual(buffer.slice(1000, 3000));
  });

  it('asks for the data of a large tensor once, when its chunk is due', () => {
    const reads: string[] = [];
    const lazy = (name: string): NamedTensor => ({
      name,
      dtype: 'float32',
      dims: [2000],
      get data() {
        reads.push(name);
        return new Float32Array(2000);
      },
    });
    const seen: string[][] = [];
    const chunks = streamModel(tinyModel({ initializers: [lazy('a'), lazy('b')] }));
    for (const chunk of chunks) if (chunk.length === 8000) seen.push([...reads]);
    expect(seen).toEqual([['a'], ['a', 'b']]);
    expect(concat(chunks)).toEqual(concat(encodeModel(tinyModel({ initializers: [lazy('a'), lazy('b')] }))));
  });

  it('refuses a tensor whose data does not fill its shape', () => {
    const initializers = [{ name: 'w', ...float32([3], new Float32Array(2)) }];
    expect(() => encodeModel(tinyModel({ initializers }))).toThrow(
      /expected 3 float32 elements for \[3\] in tensor w, received 2/,
    );
  });

  it('refuses a file that no protobuf reader would take', () => {
    const part = float32([2 ** 23], new Float32Array(2 ** 23));
    const initializers = Array.from({ length: 64 }, (_, i) => ({ name: `w${i}`, ...part }));
    expect(() => encodeModel(tinyModel({ initializers }))).toThrow(/at most 2147483647 bytes/);
  });

  it.each<Attribute>([
    { kind: 'int', value: 0.5 },
    { kind: 'ints', value: [Number.NaN] },
    { kind: 'float', value: 1e300 },
  ])('names the node whose attribute cannot be written: %j', (value) => {
    const [relu] = tinyModel().graph.nodes;
    const nodes = [{ ...relu!, attributes: new Map([['a', value]]) }];
    expect(() => encodeModel(tinyModel({ nodes }))).toThrow(/^node relu \(Relu\) cannot be written: /);
  });
});
