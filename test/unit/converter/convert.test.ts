import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import { formatTable, parseTable, preparedAs } from '../../../converter/quantize/table.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { decodeMetadata } from '../../../src/onnx/metadata.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import { float32, type Tensor } from '../../../src/tensor/tensor.ts';
import { calibrated, classic, convertFile, largestDifference, npy, pictures, raw, SAFE } from './conversions.ts';
import { type NamedTensors, seededFile } from './networks.ts';
import { logitsOf } from './runner.ts';

const golden = (name: string): string => fileURLToPath(new URL(`../../golden/${name}`, import.meta.url));
const resnet18 = new Uint8Array(readFileSync(golden('weights/resnet18.fp16.safetensors')));

const small = { depths: [1, 1] };

describe('resnet18, its weights stored as fp16', () => {
  const expected = npy(golden('logits/resnet18.logits.npy')).data;

  test("gives PyTorch's logits of the float32 weights within 2e-2", async () => {
    const { model, maxAbsError, foldedLayers, metadata } = await convertFile(resnet18, classic(64));
    expect(largestDifference(await logitsOf(model, npy(golden('logits/input.npy'))), expected)).toBeLessThan(2e-2);
    expect(maxAbsError).toBeLessThan(1e-5);
    expect(foldedLayers).toBe(20);
    expect(metadata).toMatchObject({ arch: 'resnet18', precision: 'fp32', scheme: null, output: 'logits' });
    expect(metadata.source).toMatchObject({ format: 'safetensors' });
  });

  test('describes itself in the file, and nothing of the batch norms is left', async () => {
    const preprocessing = raw(64, { channels: 'bgr' });
    const { model, metadata } = await convertFile(resnet18, preprocessing, { licence: 'BSD-3-Clause' });
    const { metadata: entries, graph, producerName } = decodeModel(model);
    expect(decodeMetadata(entries)).toEqual(metadata);
    expect(metadata).toMatchObject({ preprocessing, licence: 'BSD-3-Clause', tool: 'resedge 0.0.0' });
    expect(producerName).toBe('resedge');
    expect(graph.inputs).toMatchObject([{ name: 'input', dtype: 'uint8', dims: ['N', 64, 64, 3] }]);
    expect(graph.outputs).toMatchObject([{ name: 'fc', dtype: 'float32', dims: ['N', 10] }]);
    expect(graph.initializers.filter(({ name }) => name.includes('running'))).toEqual([]);
    expect(graph.nodes.some(({ op }) => op === 'BatchNormalization')).toBe(false);
    expect(graph.nodes.map(({ name }) => name)).toContain('layer4.1.conv2');
  });
});

/** (pixel / scale - mean) / std as float32 [1, 3, size, size], from the formula in the documentation of Preprocessing. */
function normalise(picture: Uint8Array, { inputSize, channels, scale, mean, std }: Preprocessing): Tensor<'float32'> {
  const area = inputSize ** 2;
  const data = Float32Array.from({ length: 3 * area }, (_, i) => {
    const channel = Math.floor(i / area);
    const colour = channels === 'rgb' ? channel : 2 - channel;
    return ((picture[(i % area) * 3 + colour] ?? 0) / scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  return float32([1, 3, inputSize, inputSize], data);
}

describe.each<readonly [string, Partial<Preprocessing>]>([
  ['rgb', {}],
  ['bgr', { channels: 'bgr' }],
  ['Caffe', { channels: 'bgr', scale: 1, mean: [104, 117, 123], std: [1, 1, 1] }],
  ['mean 0', { mean: [0, 0, 0], std: [1, 1, 1] }],
  ['mean .5', { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }],
  ['a mean for each colour, far apart', { mean: [0.05, 0.5, 0.95], std: [0.1, 0.3, 0.6] }],
  ['a mean below black', { mean: [-1, -1.5, -2], std: [1, 1, 1] }],
  ['a mean above white', { mean: [1.2, 2, 1.5], std: [1, 1, 1] }],
])('a picture as bytes, normalised inside: %s', (_, values) => {
  const size = 16;
  const file = seededFile(small);
  const picture = probePicture(size, 3);

  test('FP32 gives the logits of the normalised picture', async () => {
    const float = await convertFile(file, classic(size, values));
    const bytes = await convertFile(file, raw(size, values));
    const expected = await logitsOf(float.model, normalise(picture, classic(size, values)));
    const found = await logitsOf(bytes.model, { dtype: 'uint8', dims: [1, size, size, 3], data: picture });
    expect(largestDifference(found, expected)).toBeLessThan(1e-4);
    expect(bytes.maxAbsError).toBeLessThan(1e-4);
    expect(bytes.maxAbsError).toBeGreaterThan(0);
  });

  test('INT8 stays close to it', async () => {
    const { int8 } = await convertFile(file, raw(size, values), { int8: calibrated(raw(size, values)) });
    expect(int8?.layers.at(-1)).toMatchObject({ name: 'fc' });
    expect(int8?.layers.at(-1)?.sqnrDb).toBeGreaterThan(25);
  });
});

test('a float input in the layout NHWC gives the same logits', async () => {
  const [nchw, nhwc] = [classic(16), classic(16, { layout: 'nhwc' })];
  const file = seededFile(small);
  const picture = probePicture(16, 3);
  const [a, b] = [await convertFile(file, nchw), await convertFile(file, nhwc)];
  const data = normalise(picture, nhwc).data;
  const swapped = Float32Array.from(data, (_, i) => data[(i % 3) * 256 + Math.floor(i / 3)] ?? 0);
  const found = await logitsOf(b.model, float32([1, 16, 16, 3], swapped));
  expect(largestDifference(found, await logitsOf(a.model, normalise(picture, nchw)))).toBeLessThan(1e-6);
});

describe('the same weights and pictures', () => {
  const preprocessing = raw(16);
  const source = { sha256: 'a'.repeat(64), pictures: 8, prepared: preparedAs(preprocessing) };

  test('give the same bytes', async () => {
    const [a, b] = await Promise.all(
      [1, 2].map(() => convertFile(seededFile(small), preprocessing, { int8: calibrated(preprocessing) })),
    );
    expect(a?.model).toEqual(b?.model);
  });

  test('through a saved table give the same bytes, and the table itself again', async () => {
    const seen = await convertFile(seededFile(small), preprocessing, { int8: calibrated(preprocessing) });
    const text = formatTable({ ...source, statistics: seen.int8!.statistics });
    const table = parseTable(text);
    expect(formatTable(table)).toBe(text);
    const int8 = { recipe: SAFE, calibration: { kind: 'table', statistics: table.statistics } } as const;
    const again = await convertFile(seededFile(small), preprocessing, { int8 });
    expect(again.model).toEqual(seen.model);
  });

  test('another network refuses the table', async () => {
    const { int8 } = await convertFile(seededFile(small), preprocessing, { int8: calibrated(preprocessing) });
    const calibration = { kind: 'table', statistics: int8!.statistics } as const;
    const converting = (wanted: Parameters<typeof seededFile>[0]): Promise<unknown> =>
      convertFile(seededFile(wanted), preprocessing, { int8: { recipe: SAFE, calibration } });
    await expect(converting({ depths: [1, 2] })).rejects.toMatchObject({
      code: 'input',
      message: 'expected calibration statistics of layer2.1.relu1: the table was made for another model',
    });
    await expect(converting({ depths: [1, 1], inner: 16 })).rejects.toMatchObject({ code: 'input' });
  });
});

describe('refuses, in one line,', () => {
  const preprocessing = raw(16);

  test('labels of another number than the classes', async () => {
    await expect(convertFile(seededFile(small), preprocessing, { labels: ['cat', 'dog'] })).rejects.toMatchObject({
      code: 'input',
      message: 'expected 10 labels, one for each class of weights.safetensors, received 2',
    });
  });

  test('to calibrate without pictures', async () => {
    const int8 = calibrated(preprocessing, SAFE, []);
    await expect(convertFile(seededFile(small), preprocessing, { int8 })).rejects.toMatchObject({
      code: 'input',
      message: 'expected at least one readable calibration picture, received none',
    });
  });

  test('activations that overflow', async () => {
    const overflow = seededFile(small, 1, (tensors) => scaleAll(tensors, /conv\d\.weight$/, 1e30));
    await expect(convertFile(overflow, preprocessing, { int8: calibrated(preprocessing) })).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('expected finite activations, found NaN or infinity in'),
    });
  });
});

function scaleAll(tensors: NamedTensors, pattern: RegExp, factor: number): void {
  for (const [name, { dims, data }] of tensors) {
    if (pattern.test(name)) tensors.set(name, { dims, data: data.map((value) => value * factor) });
  }
}

/** Every value that this writes into a tensor. */
function fill(tensors: NamedTensors, name: string, value: number, from = 0, to = Number.POSITIVE_INFINITY): void {
  const found = tensors.get(name);
  if (!found) throw new Error(`no tensor ${name}`);
  tensors.set(name, { ...found, data: found.data.map((old, i) => (i >= from && i < to ? value : old)) });
}

describe('unusual networks convert to INT8 that follows FP32', () => {
  const preprocessing = raw(16);
  const input = modelInput(probePicture(16, 5), preprocessing);

  test.each<readonly [string, (tensors: NamedTensors) => void, number]>([
    ['dead channels', (t) => fill(t, 'layer1.0.conv1.weight', 0, 0, 4 * 72), 30],
    ['dead channels with a variance and a gamma of zero', dead, 30],
    ['a layer of zero weights', (t) => fill(t, 'layer2.0.conv2.weight', 0), 30],
    ['activations that are always zero', (t) => fill(t, 'layer1.0.bn1.bias', -100), 30],
    ['constant activations', constantActivations, 30],
    ['a huge bias over tiny weights', hugeBias, 30],
    ['tiny weights', (t) => fill(t, 'layer1.0.bn2.weight', 1e-20), 30],
    ['one channel a thousand times the others', (t) => fill(t, 'layer1.0.bn1.weight', 300, 0, 1), 15],
  ])('%s', async (_, edit, decibels) => {
    const { model, int8 } = await convertFile(seededFile(small, 7, edit), preprocessing, {
      int8: calibrated(preprocessing),
    });
    expect((await logitsOf(model, input)).every(Number.isFinite)).toBe(true);
    expect(int8!.layers.at(-1)!.sqnrDb).toBeGreaterThan(decibels);
    for (const { bias } of int8!.plan.layers.values()) {
      for (const value of bias ?? []) expect(Math.abs(value)).toBeLessThan(2 ** 31 - 1);
    }
  });

  function dead(tensors: NamedTensors): void {
    fill(tensors, 'layer1.0.conv1.weight', 0, 0, 4 * 72);
    fill(tensors, 'layer1.0.bn1.running_var', 0, 0, 2);
    fill(tensors, 'layer1.0.bn1.running_mean', 0, 0, 4);
    fill(tensors, 'layer1.0.bn1.weight', 0, 1, 3);
  }

  function constantActivations(tensors: NamedTensors): void {
    fill(tensors, 'layer1.0.bn1.weight', 0);
    fill(tensors, 'layer1.0.bn1.bias', 0.7);
  }

  function hugeBias(tensors: NamedTensors): void {
    fill(tensors, 'layer1.0.bn1.weight', 1e-9);
    fill(tensors, 'layer1.0.bn1.bias', 1e3);
    fill(tensors, 'layer1.0.conv2.weight', 1e-5);
  }

  test('calibrated on black pictures alone, the logits of black are right', async () => {
    const black: Tensor = { dtype: 'uint8', dims: [1, 16, 16, 3], data: new Uint8Array(16 * 16 * 3) };
    const inputs = (async function* () {
      yield black;
      yield black;
    })();
    const float = await convertFile(seededFile(small), preprocessing);
    const { model } = await convertFile(seededFile(small), preprocessing, {
      int8: { recipe: SAFE, calibration: { kind: 'pictures', inputs, count: 2 } },
    });
    const expected = await logitsOf(float.model, black);
    const scale = Math.max(...expected.map(Math.abs));
    expect(largestDifference(await logitsOf(model, black), expected)).toBeLessThan(scale / 20);
    expect((await logitsOf(model, input)).every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['one class', { depths: [1, 1], classes: 1 }],
    ['one block', { depths: [1] }],
    ['no block that changes its shape', { depths: [2], shortcut: { kind: 'identity' } }],
    ['an odd number of channels', { depths: [1, 1], inner: 5 }],
    ['option A from an odd width', { depths: [1, 1], inner: 5, shortcut: { kind: 'pad' } }],
  ] as const)('%s', async (_, wanted) => {
    const { int8 } = await convertFile(seededFile(wanted), preprocessing, { int8: calibrated(preprocessing) });
    expect(int8!.layers.at(-1)!.sqnrDb).toBeGreaterThan(25);
  });
});

test('a batch of three gives each picture the logits it has alone', async () => {
  const preprocessing = raw(16);
  const { model } = await convertFile(seededFile(small), preprocessing, { int8: calibrated(preprocessing) });
  const singles: Tensor[] = [];
  for await (const picture of pictures(preprocessing, [1, 2, 3])) singles.push(picture);
  const data = new Uint8Array(singles.flatMap((single) => [...(single.data as Uint8Array)]));
  const together = await logitsOf(model, { dtype: 'uint8', dims: [3, 16, 16, 3], data });
  for (const [i, single] of singles.entries()) {
    expect(largestDifference(await logitsOf(model, single), together.subarray(i * 10, i * 10 + 10))).toBeLessThan(1e-6);
  }
});

test('says how far it is, each stage from 0 to its total', async () => {
  const preprocessing = raw(16);
  const calls: (readonly [string, number, number])[] = [];
  await convertFile(seededFile(small), preprocessing, {
    int8: calibrated(preprocessing),
    onProgress: (stage, done, total) => calls.push([stage, done, total]),
  });
  expect(calls).toContainEqual(['calibrate', 8, 8]);
  expect([...new Set(calls.map(([stage]) => stage))]).toEqual(['prove', 'calibrate', 'judge', 'quantize', 'compare']);
  expect(calls.every(([, done, total]) => done <= total)).toBe(true);
});
