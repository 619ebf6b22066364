import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, PICTURES, succeed, WEIGHTS } from '../runtime/node/resedge.ts';
import { PYTHON } from './python/program.ts';

const SCRIPT = join(import.meta.dirname, 'python/targets.py');
const read = (...args: readonly string[]): unknown =>
  JSON.parse(execFileSync(PYTHON, [SCRIPT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));

const folder = mkdtempSync(join(tmpdir(), 'resedge-targets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeFileSync(at('labels.txt'), 'plane\ncar\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n');
  const convert = ['convert', WEIGHTS, '--calibrate', PICTURES, '--labels', at('labels.txt'), '-o'];
  for (const name of ['tensorrt', 'openvino', 'qnn']) await succeed([...convert, at(`${name}.onnx`), '--target', name]);
  for (const name of ['rknn', 'hailo', 'triton']) await succeed([...convert, at(name), '--target', name]);
  await succeed([...convert, at('model.ort'), '--target', 'ort']);
  await succeed(['convert', WEIGHTS, '-o', at('fp32.onnx'), '--precision', 'fp32']);
});

test('onnx.checker accepts every ONNX file', () => {
  const models = ['tensorrt.onnx', 'openvino.onnx', 'qnn.onnx', 'rknn/model.onnx', 'hailo/model.onnx'];
  expect(read('check', ...[...models, 'triton/resnet20/1/model.onnx'].map(at))).toBe(6);
});

describe('OpenVINO', () => {
  test.each(['openvino.onnx', 'tensorrt.onnx'])('runs every layer of %s in INT8, with the labels of FP32', (model) => {
    const found = read('openvino', at(model), at('fp32.onnx'), at('rknn/calibration.npy')) as {
      readonly labels: readonly number[];
      readonly expected: readonly number[];
      readonly kinds: Readonly<Record<string, number>>;
    };
    expect(found.labels).toEqual(found.expected);
    const layers = Object.entries(found.kinds).filter(([kind]) => /^(Convolution|FullyConnected) /.test(kind));
    expect(layers.map(([kind]) => kind.split(' ')[1]).filter((precision) => !/^[ui]8$/.test(precision ?? ''))).toEqual(
      [],
    );
    expect(layers.reduce((sum, [, count]) => sum + count, 0)).toBe(22);
  });
});

describe("Triton's client", () => {
  test('reads the configuration of a model of any batch', () => {
    expect(read('triton', at('triton/resnet20/config.pbtxt'))).toEqual({
      name: 'resnet20',
      platform: 'onnxruntime_onnx',
      max_batch_size: 32,
      input: [{ name: 'input', data_type: 'TYPE_UINT8', dims: ['32', '32', '3'] }],
      output: [{ name: 'fc', data_type: 'TYPE_FP32', dims: ['10'], label_filename: 'labels.txt' }],
      dynamic_batching: {},
    });
  });

  test('reads that of a fixed batch', async () => {
    const fixed = ['--precision', 'fp32', '--input', 'float', '--batch', '4'];
    await succeed(['convert', WEIGHTS, '-o', at('fixed'), '--target', 'triton', ...fixed]);
    expect(read('triton', at('fixed/resnet20/config.pbtxt'))).toEqual({
      name: 'resnet20',
      platform: 'onnxruntime_onnx',
      input: [{ name: 'input', data_type: 'TYPE_FP32', dims: ['4', '3', '32', '32'] }],
      output: [{ name: 'fc', data_type: 'TYPE_FP32', dims: ['4', '10'], label_filename: 'labels.txt' }],
    });
  });
});

test("the script for Rockchip's toolkit asks it for what it should", () => {
  const { calls, written } = read('rknn', at('rknn')) as {
    readonly calls: readonly unknown[];
    readonly written: Readonly<Record<string, readonly number[]>>;
  };
  expect(calls).toEqual([
    [
      'config',
      {
        mean_values: [[123.675, 116.28, 103.53]],
        std_values: [[58.395, 57.12, 57.375]],
        quant_img_RGB2BGR: false,
        target_platform: 'rk3566',
      },
    ],
    ['load_onnx', { model: 'model.onnx' }],
    ['build', { do_quantization: true, dataset: 'dataset.txt' }],
    ['export_rknn', { arg: 'model.rk3566.rknn' }],
    ['release', {}],
  ]);
  expect(Object.keys(written)).toHaveLength(10);
  const { corner } = read('npy', at('rknn/calibration.npy')) as { readonly corner: readonly number[] };
  expect(written['calibration/00000.png']).toEqual(corner.toReversed());
});

test('NumPy reads the pictures', () => {
  expect(read('npy', at('hailo/calibration.npy'))).toMatchObject({ dtype: 'uint8', shape: [10, 32, 32, 3] });
});

test("Python's ONNX Runtime reads its own format, and scores pictures as resedge does", async () => {
  const scores = read('ort', at('model.ort'), at('rknn/calibration.npy')) as readonly (readonly number[])[];
  const labels = scores.map((row) => row.indexOf(Math.max(...row)));
  const lines = await succeed(['classify', PICTURES, '--model', at('model.ort'), '--json', '--top', '1']);
  const answers = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).top[0].index);
  expect(labels).toEqual(answers);
  expect(await json(['bench', '--model', at('model.ort'), '--runs', '1'])).toMatchObject({ provider: 'cpu' });
});
