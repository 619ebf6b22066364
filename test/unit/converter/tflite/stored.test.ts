import { expect, test } from 'vitest';
import { convert } from '../../../../converter/convert.ts';
import type { Constant, Graph } from '../../../../converter/graph/graph.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { decodeMetadata } from '../../../../src/onnx/metadata.ts';
import { classic, convertNetwork, largestDifference, raw } from '../conversions.ts';
import { logitsOf, runInProcess } from '../runner.ts';
import { convertTflite, patterns, prepared, tfliteNetwork } from './sources.ts';

const kinds = (graph: Graph): readonly string[] => graph.nodes.map(({ op }) => op.kind);
const read = (constant: Constant | undefined): readonly number[] => [...(constant?.read() ?? [])].map(Number);

test('a quantized model keeps its own scales and zero points, int8 activations 128 up', () => {
  const graph = tfliteNetwork('resnet.int8').quantized!(prepared('resnet'));
  const stem = graph.nodes.find(({ op }) => op.kind === 'Conv')!;
  const [input = '', weight = '', bias = ''] = stem.inputs.map((name) => name.replace(/\.dq$/, ''));
  expect(read(graph.constants.get(`${input}.scale`))).toEqual([Math.fround(1 / 255)]);
  expect(read(graph.constants.get(`${input}.zero_point`))).toEqual([0]);
  expect(graph.constants.get(weight)).toMatchObject({ dtype: 'int8', dims: [16, 3, 3, 3] });
  expect(new Set(read(graph.constants.get(`${weight}.scale`))).size).toBe(16);
  expect(graph.constants.get(bias)).toMatchObject({ dtype: 'int32', dims: [16] });
  const scales = read(graph.constants.get(`${weight}.scale`));
  expect(read(graph.constants.get(`${bias}.scale`))).toEqual(
    scales.map((scale) => Math.fround(scale * Math.fround(1 / 255))),
  );
});

test('raw pixels are the stored integers where that says the same', () => {
  const network = tfliteNetwork('mobile.int8');
  const direct = network.quantized!(prepared('mobile'));
  expect(kinds(direct).slice(0, 2)).toEqual(['Transpose', 'DequantizeLinear']);
  expect(direct.inputs).toEqual([{ name: 'input', dtype: 'uint8', dims: ['N', 32, 32, 3] }]);
  const other = network.quantized!(raw(32));
  expect(kinds(other).slice(0, 5)).toEqual(['Transpose', 'Cast', 'Sub', 'Mul', 'QuantizeLinear']);
});

test('a float input is quantized inside, in either layout', async () => {
  const { inputSize, ...values } = prepared('resnet');
  const network = tfliteNetwork('resnet.int8');
  const pictures = patterns(3);
  const floats = Float32Array.from(pictures.data, (value) => value / 255);
  const { model } = await convertNetwork(network, prepared('resnet'), { stored: {} });
  const nhwc = await convertNetwork(network, classic(inputSize, { ...values, input: 'float', layout: 'nhwc' }), {
    stored: {},
  });
  const found = await logitsOf(nhwc.model, { dtype: 'float32', dims: pictures.dims, data: floats }, 'disabled');
  expect(found).toEqual(await logitsOf(model, pictures, 'disabled'));
  const nchw = network.quantized!(classic(inputSize, { ...values, input: 'float', layout: 'nchw' }));
  expect(nchw.inputs[0]?.dims).toEqual(['N', 3, 32, 32]);
});

test('a network that wants blue first gets it', async () => {
  const network = tfliteNetwork('resnet.int8');
  const pictures = patterns(3);
  const swapped = pictures.data.map((_, i) => pictures.data[i - (i % 3) + 2 - (i % 3)]!);
  const { model } = await convertNetwork(network, prepared('resnet'), { stored: {} });
  const bgr = await convertNetwork(network, { ...prepared('resnet'), channels: 'bgr' }, { stored: {} });
  const found = await logitsOf(bgr.model, { ...pictures, data: swapped }, 'disabled');
  expect(found).toEqual(await logitsOf(model, pictures, 'disabled'));
});

test('unsigned weights around another number than 0 keep it', () => {
  const graph = tfliteNetwork('resnet.legacy').quantized!(prepared('resnet'));
  const zeros = [...graph.constants]
    .filter(([name]) => /weight\.zero_point$/.test(name))
    .map(([, value]) => read(value));
  expect(zeros).toHaveLength(7);
  expect(new Set(zeros.flat())).toEqual(new Set([123 - 128]));
});

test('the file says what it is and how near to its reals', async () => {
  const { model, stored } = await convertTflite('resnet.int8');
  const metadata = decodeMetadata(decodeModel(model).metadata);
  expect(metadata).toMatchObject({ precision: 'int8', scheme: 'u8s8', source: { format: 'tflite' } });
  expect(stored?.judgement.generated).toBe(true);
  expect(stored?.judgement.sqnrDb).toBeGreaterThan(12);
});

test.each(['resnet.int8', 'resnet.legacy'])('%s is written with operators of integers as well', async (name) => {
  const options = { stored: {}, file: { format: 'qoperator' } } as const;
  const { model } = await convertNetwork(tfliteNetwork(name), prepared(name), options);
  const operators = new Set(decodeModel(model).graph.nodes.map(({ op }) => op));
  expect([...operators]).toEqual(expect.arrayContaining(['QLinearConv', 'QLinearAdd', 'QGemm']));
  const found = await logitsOf(model, patterns(4), 'disabled');
  const wanted = await logitsOf((await convertTflite(name)).model, patterns(4), 'disabled');
  // Two steps: integers round at other places than floats between them.
  expect(largestDifference(found, wanted)).toBeLessThan(0.11);
});

test('a source of floats has no integers to keep', async () => {
  const network = tfliteNetwork('resnet.float');
  const options = {
    preprocessing: prepared('resnet'),
    labels: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    source: { file: 'resnet.tflite', sha256: '0'.repeat(64) },
    producer: { name: 'resedge', version: '0.0.0' },
    stored: {},
  };
  await expect(convert(network, options, runInProcess)).rejects.toThrow(/quantized already, received one of floats/);
});
