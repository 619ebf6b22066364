import { describe, expect, test } from 'vitest';
import type { ConvertOptions } from '../../../../converter/conversion.ts';
import { featureModel } from '../../../../converter/head/feature-model.ts';
import { findHead } from '../../../../converter/head/find-head.ts';
import { type LinearHead, replaceHead } from '../../../../converter/head/replace-head.ts';
import { readOnnx } from '../../../../converter/onnx-network.ts';
import { PAIR_LIMIT, pairLimits, pairSum } from '../../../../converter/quantize/pairs.ts';
import { SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { headScores } from '../../../../converter/train/head-features.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { concat, encodeModel } from '../../../../src/onnx/encode.ts';
import type { Model } from '../../../../src/onnx/schema.ts';
import { fidelity } from '../../../../src/tensor/fidelity.ts';
import { mulberry32, normal } from '../../../../src/tensor/random.ts';
import { elementCount, type Tensor } from '../../../../src/tensor/tensor.ts';
import { calibrated, convertFile, raw, SAFE } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { logitsOf } from '../runner.ts';

const SIZE = 16;
const FEATURES = 32;
const CLASSES = 7;
const WEIGHTS = seededFile({ depths: [1, 1], inner: 16 });

const int8 = (scheme: SchemeName, format: 'qdq' | 'qoperator' = 'qdq'): Partial<ConvertOptions> => ({
  int8: calibrated(raw(SIZE), { ...SAFE, scheme: SCHEMES[scheme] }),
  file: { format },
});

/** Every way in which `convert` stores a head, and how near a quantized one comes. */
const FORMS: Readonly<Record<string, { readonly options: Partial<ConvertOptions>; readonly leastDb: number }>> = {
  fp32: { options: {}, leastDb: 120 },
  fp16: { options: { fp16: {} }, leastDb: 55 },
  'u8s8-safe': { options: int8('u8s8-safe'), leastDb: 35 },
  'u8s8-safe in operators on integers': { options: int8('u8s8-safe', 'qoperator'), leastDb: 35 },
  s8s8: { options: int8('s8s8'), leastDb: 35 },
  u16s8: { options: int8('u16s8'), leastDb: 35 },
  u8s4: { options: int8('u8s4'), leastDb: 14 },
  'a batch of 2 alone': { options: { file: { batch: 2 } }, leastDb: 120 },
};

async function converted(options: Partial<ConvertOptions>): Promise<Model> {
  return decodeModel((await convertFile(WEIGHTS, raw(SIZE), options)).model);
}

function head(): LinearHead {
  const random = mulberry32(5);
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => normal(random));
  return { weights: draw(CLASSES * FEATURES), bias: draw(CLASSES) };
}

/** Two noisy pictures of different brightness. */
function noise(): Tensor<'uint8'> {
  const random = mulberry32(9);
  const dims = [2, SIZE, SIZE, 3];
  const half = elementCount(dims) / 2;
  return {
    dtype: 'uint8',
    dims,
    data: Uint8Array.from({ length: 2 * half }, (_, i) => random() * (i < half ? 255 : 90)),
  };
}

const bytesOf = (model: Model): Uint8Array => concat(encodeModel(model));

describe.each(Object.entries(FORMS))('the head of %s', (form, { options, leastDb }) => {
  test('is replaced, and everything else stays', async () => {
    const model = await converted(options);
    const found = findHead(model);
    expect(found).toMatchObject({ features: FEATURES, classes: 10, name: 'fc' });
    const features = await logitsOf(bytesOf(featureModel(model)), noise());
    expect(features).toHaveLength(2 * FEATURES);
    expect(features.some((value) => value > 0)).toBe(true);

    const given = head();
    const scheme = form in SCHEMES ? form : options.int8 ? 'u8s8-safe' : null;
    const taught = replaceHead(model, given, { scheme, seen: features });
    const logits = await logitsOf(bytesOf(taught), noise());
    const near = fidelity();
    for (const row of [0, 1]) {
      const seen = features.subarray(row * FEATURES, (row + 1) * FEATURES);
      near.add(headScores(given, seen, new Float32Array(CLASSES)), logits.subarray(row * CLASSES, (row + 1) * CLASSES));
    }
    expect(near.agreement()).toBe(1);
    expect(near.sqnrDb()).toBeGreaterThan(leastDb);

    const own = new Set([found.weight, found.bias]);
    const others = ({ graph }: Model) =>
      graph.initializers.filter(({ name }) => ![...own].some((part) => name.startsWith(part)));
    expect(others(taught)).toEqual(others(model));
    expect(taught.graph.nodes).toEqual(model.graph.nodes);
    expect(taught.graph.initializers.map(({ name }) => name)).toEqual(model.graph.initializers.map(({ name }) => name));
  });
});

test('a head in 8 bits has the exact product of scales for its bias, and keeps pairs of products in range', async () => {
  const model = await converted(int8('u8s8-safe'));
  const { weight, bias, input } = findHead(model);
  const seen = Float32Array.from({ length: 8 * FEATURES }, () =>
    input.kind === 'stored' ? input.parameters.scale * 255 : 1,
  );
  const large = { weights: new Float32Array(CLASSES * FEATURES).fill(1), bias: new Float32Array(CLASSES).fill(0.5) };
  const { graph } = replaceHead(model, large, { scheme: 'u8s8-safe', seen });
  const data = (name: string): ArrayLike<number> =>
    (graph.initializers.find((tensor) => tensor.name === name)?.data ?? []) as ArrayLike<number>;
  const scale = input.kind === 'stored' ? input.parameters.scale : 0;
  expect(scale).toBeGreaterThan(0);
  const [ofBias, ofWeight] = [data(`${bias}.scale`), data(`${weight}.scale`)];
  for (let c = 0; c < CLASSES; c++) expect(ofBias[c]).toBe(Math.fround(ofWeight[c]! * scale));
  const limits = pairLimits({ channels: FEATURES, height: 1, width: 1 }, new Float64Array(FEATURES).fill(255));
  const stored = Int8Array.from(data(weight));
  for (let c = 0; c < CLASSES; c++) {
    const row = stored.subarray(c * FEATURES, (c + 1) * FEATURES);
    for (let i = 0; i + 1 < FEATURES; i += 2) expect(pairSum(limits, row, i, i + 1)).toBeLessThanOrEqual(PAIR_LIMIT);
  }
});

test('a head that comes back to its own weights is the same file', async () => {
  const model = await converted({});
  const { weight, bias } = findHead(model);
  const data = (name: string) => model.graph.initializers.find((tensor) => tensor.name === name)?.data as Float32Array;
  const again = replaceHead(model, { weights: data(weight), bias: data(bias) }, { scheme: null, seen: data(weight) });
  expect(Buffer.from(bytesOf(again)).equals(bytesOf(model))).toBe(true);
});

test('probabilities stay probabilities', async () => {
  const model = await converted({});
  const [output] = model.graph.outputs;
  const softmax = { name: 'p', op: 'Softmax', domain: '', inputs: [output?.name ?? ''], outputs: ['p'] };
  const attributes = new Map([['axis', { kind: 'int' as const, value: 1 }]]);
  const graph = { ...model.graph, nodes: [...model.graph.nodes, { ...softmax, attributes }] };
  const ending = {
    ...model,
    graph: { ...graph, outputs: [{ name: 'p', dtype: 'float32' as const, dims: ['N', 10] }] },
  };
  expect(readOnnx(bytesOf(ending)).classes).toBe(10);
  const taught = replaceHead(ending, head(), { scheme: null, seen: new Float32Array(FEATURES) });
  const shares = await logitsOf(bytesOf(taught), noise());
  expect(shares).toHaveLength(2 * CLASSES);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(2, 5);
});

describe('is refused', () => {
  test('a model that ends in something else', async () => {
    const model = await converted({});
    const nodes = model.graph.nodes.slice(0, -1);
    const outputs = [{ name: nodes.at(-1)?.outputs[0] ?? '', dtype: 'float32' as const, dims: ['N', FEATURES] }];
    expect(() => findHead({ ...model, graph: { ...model.graph, nodes, outputs } })).toThrow(
      /^expected a model that ends in one linear layer on pooled features, found Flatten: /,
    );
  });

  test('a head of NaN', async () => {
    const model = await converted({});
    const broken = { ...head(), bias: new Float32Array(CLASSES).fill(Number.NaN) };
    expect(() => replaceHead(model, broken, { scheme: null, seen: new Float32Array(FEATURES) })).toThrow(
      'expected a finite head, its weights hold NaN or infinity: learn with a lower --lr',
    );
  });
});
