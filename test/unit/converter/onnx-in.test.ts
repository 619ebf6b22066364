import { expect, test } from 'vitest';
import type { ConvertOptions } from '../../../converter/conversion.ts';
import { readOnnx } from '../../../converter/onnx-network.ts';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import type { PlanRecipe } from '../../../converter/quantize/index.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { decodeMetadata } from '../../../src/onnx/metadata.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import { tensorBytes } from '../../../src/tensor/tensor.ts';
import { BEST, type Converted, calibrated, classic, convertFile, convertNetwork, raw, SAFE } from './conversions.ts';
import { type Exported, sourceBytes } from './exchange/sources.ts';
import { seededFile } from './networks.ts';
import { logitsOf } from './runner.ts';

const SIZE = 16;

async function convertOnnx(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  int8: NonNullable<ConvertOptions['int8']>,
): Promise<Converted> {
  const network = readOnnx(bytes);
  const stated = preprocessing.input === 'raw' ? network.preprocessing : {};
  return await convertNetwork(network, { ...preprocessing, ...stated, layout: preprocessing.layout }, { int8 });
}

const weightsOf = (model: Uint8Array): ReadonlyMap<string, Uint8Array> =>
  new Map(decodeModel(model).graph.initializers.map((tensor) => [tensor.name, tensorBytes(tensor)]));

test.each<readonly [string, Preprocessing, PlanRecipe]>([
  ['normalised floats', classic(SIZE), BEST],
  ['normalised floats NHWC', classic(SIZE, { layout: 'nhwc' }), SAFE],
  ['bytes', raw(SIZE), SAFE],
])(
  'a model of our own that takes %s becomes INT8 with the bytes of the weights converted directly',
  async (_, input, recipe) => {
    const file = seededFile({ depths: [1, 1] });
    const direct = await convertFile(file, raw(SIZE), { int8: calibrated(raw(SIZE), recipe) });
    const float = await convertFile(file, input);
    const again = await convertOnnx(float.model, raw(SIZE), calibrated(raw(SIZE), recipe));
    expect(weightsOf(again.model)).toEqual(weightsOf(direct.model));
    expect(again.int8?.judgement).toEqual(direct.int8?.judgement);
  },
);

test.each<readonly [Exported, readonly string[]]>([
  ['mxnet', ['PRelu', 'Clip']],
  ['mobile', ['Add', 'Mul', 'Div', 'HardSigmoid', 'Mul']],
  ['tf2onnx', ['LeakyRelu']],
])('%s as INT8 follows its FP32 form, and names what stays in float', async (name, floatOps) => {
  const { int8, maxAbsError } = await convertOnnx(sourceBytes(name), raw(SIZE), calibrated(raw(SIZE), SAFE));
  expect(maxAbsError).toBeLessThan(1e-4);
  expect(int8?.judgement.sqnrDb).toBeGreaterThan(20);
  expect(int8?.floatNodes.map(({ op }) => op)).toEqual(floatOps);
});

test('a softmax at the end stays, and the file says that it gives probabilities', async () => {
  const { model } = await convertOnnx(sourceBytes('mobile'), raw(SIZE), calibrated(raw(SIZE), SAFE));
  const { graph, metadata } = decodeModel(model);
  expect(decodeMetadata(metadata).output).toBe('probabilities');
  expect(graph.nodes.at(-1)?.op).toBe('Softmax');
  const scores = await logitsOf(model, modelInput(probePicture(SIZE, 3), raw(SIZE)));
  expect(scores.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
});

test('without pictures and batch norms there are no ranges', async () => {
  const int8 = { recipe: SAFE, calibration: { kind: 'none' } } as const;
  await expect(convertOnnx(sourceBytes('squeeze'), raw(SIZE), int8)).rejects.toThrow(
    /^expected batch norms that tell every range for --calibrate none, found none behind relu_1: give --calibrate <folder/,
  );
});
