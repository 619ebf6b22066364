import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { SCHEMES } from '../../../../converter/quantize/scheme.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { calibrated, classic, convertFile, raw, SAFE } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { executedOps, logitsOf } from '../runner.ts';

const resnet18 = new Uint8Array(
  readFileSync(new URL('../../../golden/weights/resnet18.fp16.safetensors', import.meta.url)),
);
const optionA = seededFile({ depths: [1, 1, 1], shortcut: { kind: 'pad' }, head: 'linear' });
const bottleneck = seededFile({ block: 'bottleneck', depths: [2, 1], groups: 2, inner: 8 });

async function bothForms(bytes: Uint8Array, preprocessing: Preprocessing, scheme: 'u8s8-safe' | 'u8s8') {
  const convert = async (format: 'qdq' | 'qoperator'): Promise<Uint8Array> => {
    const int8 = calibrated(preprocessing, { ...SAFE, scheme: SCHEMES[scheme] });
    return (await convertFile(bytes, preprocessing, { int8, file: { format } })).model;
  };
  return { qdq: await convert('qdq'), qoperator: await convert('qoperator') };
}

test.each([
  ['resnet18 on pixels', resnet18, raw(64), 'u8s8-safe'],
  ['parameter-free shortcuts on pixels', optionA, raw(32), 'u8s8'],
  ['bottlenecks of two groups on a float input', bottleneck, classic(32), 'u8s8-safe'],
] as const)(
  '%s: operators on integers give the same bits as QuantizeLinear and DequantizeLinear around floats',
  async (_, bytes, preprocessing, scheme) => {
    const { qdq, qoperator } = await bothForms(bytes, preprocessing, scheme);
    for (const seed of [1, 2, 3]) {
      const input = modelInput(probePicture(preprocessing.inputSize, seed), preprocessing);
      expect(await logitsOf(qoperator, input)).toEqual(await logitsOf(qdq, input));
    }
    const input = modelInput(probePicture(preprocessing.inputSize, 1), preprocessing);
    expect(await executedOps(qoperator, input)).toEqual(await executedOps(qdq, input));
  },
);

test('resnet18 holds operators on integers alone, from the pixels to the logits', async () => {
  const { model } = await convertFile(resnet18, raw(64), {
    int8: calibrated(raw(64)),
    file: { format: 'qoperator' },
  });
  const { graph, opsets } = decodeModel(model);
  const counts: Record<string, number> = {};
  for (const { op } of graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
  expect(counts).toEqual({
    ...{ Pad: 1, Transpose: 1, QLinearConv: 20, MaxPool: 1, QLinearAdd: 8 },
    ...{ QLinearGlobalAveragePool: 1, Flatten: 1, QGemm: 1 },
  });
  expect(opsets).toEqual([
    { domain: '', version: 17 },
    { domain: 'com.microsoft', version: 1 },
  ]);
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  expect(graph.initializers.filter(({ name }) => !read.has(name))).toEqual([]);
});

test('what has no operator on integers stays as it is', async () => {
  // ReLU of a symmetric scheme does not come with the integers' range.
  const int8 = calibrated(raw(32), { ...SAFE, scheme: SCHEMES.s8s8 });
  const { model } = await convertFile(optionA, raw(32), { int8, file: { format: 'qoperator' } });
  const { model: qdq } = await convertFile(optionA, raw(32), {
    int8: calibrated(raw(32), { ...SAFE, scheme: SCHEMES.s8s8 }),
  });
  const ops = decodeModel(model).graph.nodes.map(({ op }) => op);
  expect(ops).toEqual(expect.arrayContaining(['Relu', 'Conv', 'QuantizeLinear', 'DequantizeLinear', 'QGemm']));
  const input = modelInput(probePicture(32, 1), raw(32));
  expect(await logitsOf(model, input)).toEqual(await logitsOf(qdq, input));
});
