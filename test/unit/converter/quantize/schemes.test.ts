import { beforeAll, describe, expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { SCHEMES, type Scheme, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { decodeMetadata } from '../../../../src/onnx/metadata.ts';
import type { Model, NamedTensor } from '../../../../src/onnx/schema.ts';
import { fidelity } from '../../../../src/tensor/fidelity.ts';
import { BEST, calibrated, classic, convertFile, raw } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { logitsOf } from '../runner.ts';

const SEEDS = Array.from({ length: 24 }, (_, i) => 200 + i);
const file = seededFile({ depths: [2, 2], inner: 8 }, 3);

type Stored = {
  readonly activations: Scheme['activation']['dtype'];
  readonly symmetric: boolean;
  readonly weights: 'int8' | 'int4';
  readonly largest: number;
  readonly opset: number;
};

const eight = { weights: 'int8', largest: 127, opset: 17 } as const;
const schemes: readonly (readonly [SchemeName, Stored])[] = [
  ['u8s8-safe', { activations: 'uint8', symmetric: false, ...eight }],
  ['u8s8', { activations: 'uint8', symmetric: false, ...eight }],
  ['s8s8', { activations: 'int8', symmetric: true, ...eight }],
  ['u16s8', { activations: 'uint16', symmetric: false, ...eight, opset: 21 }],
  ['u8s4', { activations: 'uint8', symmetric: false, weights: 'int4', largest: 7, opset: 21 }],
];

test('every scheme is tested here', () => {
  expect(schemes.map(([name]) => name)).toEqual(Object.keys(SCHEMES));
});

/** Each element of a stored weight; 4-bit ones stand two to a byte, the first one low. */
function elements({ dtype, dims, data }: NamedTensor): readonly number[] {
  if (dtype === 'int8') return [...data];
  if (dtype !== 'int4') throw new Error(`expected int8 or int4 weights, found ${dtype}`);
  const count = dims.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: count }, (_, i) => (((data[i >> 1]! >> (4 * (i & 1))) & 15) ^ 8) - 8);
}

describe.each(schemes)('%s', (scheme, stored) => {
  describe.each([
    ['bytes', raw(16)],
    ['float', classic(16)],
  ])('fed %s', (_, preprocessing) => {
    const recipe = { ...BEST, scheme: SCHEMES[scheme] };
    let bytes: Uint8Array;
    let model: Model;
    let tensors: ReadonlyMap<string, NamedTensor>;
    const inputsOf = (op: string): readonly (readonly string[])[] =>
      model.graph.nodes.filter((node) => node.op === op).map(({ inputs }) => inputs);

    beforeAll(async () => {
      bytes = (await convertFile(file, preprocessing, { int8: calibrated(preprocessing, recipe, SEEDS) })).model;
      model = decodeModel(bytes);
      tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    });

    test('stores every activation as its type, under one scale', () => {
      const pairs = inputsOf('QuantizeLinear');
      expect(pairs.length).toBeGreaterThan(10);
      for (const [value, scale = '', zero = ''] of pairs) {
        expect(tensors.get(scale), value).toMatchObject({ dtype: 'float32', dims: [] });
        expect(tensors.get(scale)!.data[0], value).toBeGreaterThan(0);
        expect(tensors.get(zero), value).toMatchObject({ dtype: stored.activations, dims: [] });
        if (stored.symmetric) expect(tensors.get(zero)!.data[0], value).toBe(0);
      }
      const zeros = new Set(pairs.map(([, , zero = '']) => tensors.get(zero)!.data[0]));
      if (!stored.symmetric) expect(zeros.size).toBeGreaterThan(1);
    });

    test('stores weights symmetrically within their range, a scale for every output channel', () => {
      const weights = model.graph.initializers.filter(({ name }) => /(conv\d|downsample\.0|fc)\.weight$/.test(name));
      expect(weights).toHaveLength(11);
      for (const weight of weights) {
        expect(weight.dtype).toBe(stored.weights);
        const values = elements(weight);
        expect(Math.max(...values.map(Math.abs)), weight.name).toBeLessThanOrEqual(stored.largest);
        expect(Math.max(...values.map(Math.abs)), weight.name).toBeGreaterThan(stored.largest / 2);
        const [rows = 0] = weight.dims;
        expect(tensors.get(`${weight.name}.scale`)).toMatchObject({ dtype: 'float32', dims: [rows] });
        expect(new Set(tensors.get(`${weight.name}.scale`)!.data as Float32Array).size).toBeGreaterThan(1);
        const zero = tensors.get(`${weight.name}.zero_point`)!;
        expect(zero).toMatchObject({ dtype: 'int8', dims: [rows] });
        expect([...(zero.data as Int8Array)].every((value) => value === 0)).toBe(true);
        expect(tensors.get(weight.name.replace(/weight$/, 'bias'))).toMatchObject({ dtype: 'int32', dims: [rows] });
      }
    });

    test('says its name, and asks for no later opset than it needs', () => {
      expect(decodeMetadata(model.metadata)).toMatchObject({ scheme, precision: 'int8' });
      expect(model.opsets).toEqual([{ domain: '', version: stored.opset }]);
    });

    test('follows FP32 in ONNX Runtime where the kernels are exact', async () => {
      const float = (await convertFile(file, preprocessing)).model;
      const compared = fidelity();
      for (let seed = 1; seed <= 8; seed++) {
        const input = modelInput(probePicture(16, seed), preprocessing);
        const quantized = await logitsOf(bytes, input, 'all', { x64quantprecision: '1' });
        compared.add(await logitsOf(float, input), quantized);
      }
      expect(compared.sqnrDb()).toBeGreaterThan(20);
    });
  });
});
