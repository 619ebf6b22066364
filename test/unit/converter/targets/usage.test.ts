import { describe, expect, test } from 'vitest';
import { TARGET_NAMES } from '../../../../converter/targets/names.ts';
import { expectFit, type Stated, TARGETS } from '../../../../converter/targets/target.ts';
import type { TargetFacts } from '../../../../converter/targets/types.ts';
import { raw } from '../conversions.ts';

const metadata: TargetFacts['metadata'] = {
  labels: ['cat', 'two\nlines'],
  preprocessing: raw(32),
  output: 'logits',
  arch: 'resnet 20',
  precision: 'int8',
  scheme: 'u8s8',
  source: { file: 'w.pth', sha256: 'a'.repeat(64), format: 'pytorch' },
  tool: 'resedge 0',
};

const facts = (more: Partial<TargetFacts> = {}): TargetFacts => ({
  output: 'out/a b',
  metadata,
  input: { name: 'input', dtype: 'uint8', dims: ['N', 32, 32, 3] },
  scores: { name: 'fc', dtype: 'float32', dims: ['N', 2] },
  pictures: 0,
  ...more,
});

const fixed: Partial<TargetFacts> = {
  input: { name: 'input', dtype: 'float32', dims: [4, 3, 32, 32] },
  scores: { name: 'fc', dtype: 'float32', dims: [4, 2] },
};

const file = (name: keyof typeof TARGETS, path: string, more: Partial<TargetFacts> = {}): string =>
  TARGETS[name].usage(facts(more)).files.find((one) => one.path === path)?.text ?? 'no such file';

const BGR = { preprocessing: raw(32, { scale: 1, mean: [104, 117, 123], std: [1, 2, 4], channels: 'bgr' }) };

test('every target tells what to run next, on one line each', () => {
  for (const name of TARGET_NAMES) {
    const { commands } = TARGETS[name].usage(facts());
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.join('')).not.toMatch(/\n|undefined|NaN/);
  }
});

test('trtexec is told the range of batches unless the file fixes one', () => {
  const [open = ''] = TARGETS.tensorrt.usage(facts()).commands;
  expect(open).toContain("--onnx='out/a b'");
  expect(open).toMatch(/--minShapes=input:1x32x32x3 --optShapes=input:8x32x32x3 --maxShapes=input:32x32x32x3$/);
  expect(TARGETS.tensorrt.usage(facts({ ...fixed, output: 'm.onnx' })).commands).toEqual([
    'trtexec --onnx=m.onnx --saveEngine=m.engine --stronglyTyped',
  ]);
});

test('Triton counts pictures itself, or is told of a fixed number of them', () => {
  const config = file('triton', 'resnet-20/config.pbtxt');
  expect(config).toMatch(/^name: "resnet-20"\nplatform: "onnxruntime_onnx"\nmax_batch_size: 32\n/);
  expect(config).toMatch(/data_type: TYPE_UINT8\n +dims: \[ 32, 32, 3 \]/);
  expect(config).toMatch(/dims: \[ 2 \]\n +label_filename: "labels.txt"/);
  const whole = file('triton', 'resnet-20/config.pbtxt', fixed);
  expect(whole).toMatch(/max_batch_size: 0\n/);
  expect(whole).toMatch(/data_type: TYPE_FP32\n +dims: \[ 4, 3, 32, 32 \]/);
  expect(whole).not.toContain('dynamic_batching');
  expect(file('triton', 'resnet-20/labels.txt')).toBe('cat\ntwo lines\n');
});

test('mean and deviation are those of pixels from 0 to 255', () => {
  expect(file('hailo', 'model.alls')).toBe(
    'normalization1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])\n',
  );
  expect(file('hailo', 'model.alls', { metadata: { ...metadata, ...BGR } })).toContain('([104, 117, 123], [1, 2, 4])');
  expect(file('rknn', 'convert.py')).toContain('mean_values=[[123.675, 116.28, 103.53]],');
  expect(file('rknn', 'convert.py')).toContain('quant_img_RGB2BGR=False,');
  expect(file('rknn', 'convert.py', { metadata: { ...metadata, ...BGR } })).toContain('quant_img_RGB2BGR=True,');
});

test('the data set names as many pictures as there are', () => {
  expect(file('rknn', 'dataset.txt', { pictures: 2 })).toBe('calibration/00000.png\ncalibration/00001.png\n');
});

test('a folder for a tool that was not run says so', () => {
  for (const name of ['rknn', 'hailo'] as const) expect(file(name, 'README.md')).toContain('- Not run with ');
  expect(file('hailo', 'README.md', { pictures: 64 })).toContain('--samples 1024');
  expect(file('hailo', 'README.md', { pictures: 2000 })).not.toContain('--samples');
});

describe('what does not fit is refused in one line', () => {
  const pictures = { calibrate: 'pictures' };
  test.each<[keyof typeof TARGETS, Stated, RegExp]>([
    [
      'rknn',
      { precision: 'fp16', ...pictures },
      /^--target rknn takes fp32, which its own tool quantizes, received --precision fp16/,
    ],
    ['hailo', { scheme: 'u8s8', ...pictures }, /takes fp32, which its own tool quantizes, received --scheme u8s8/],
    ['hailo', { batch: 2, ...pictures }, /takes --batch 1, received --batch 2/],
    ['rknn', { calibrate: 'none' }, /expected --calibrate <folder of pictures>, received none/],
    ['hailo', { calibrate: 'table.json' }, /received table\.json/],
    ['rknn', {}, /received none/],
    ['tensorrt', { scheme: 'u8s8-safe' }, /takes --scheme s8s8, received --scheme u8s8-safe/],
    ['tensorrt', { format: 'qoperator' }, /takes --format qdq, received --format qoperator/],
    ['openvino', { scheme: 'u16s8' }, /takes --scheme u8s8-safe or u8s8/],
    ['qnn', { input: 'raw' }, /takes --input float, received --input raw/],
    ['qnn', { precision: 'fp32' }, /takes int8, received --precision fp32/],
  ])('%s %j', (name, stated, says) => {
    expect(() => expectFit(TARGETS[name], stated)).toThrow(says);
  });

  test('and what fits is taken', () => {
    expectFit(TARGETS.rknn, { precision: 'fp32', batch: 1, input: 'float', ...pictures });
    expectFit(TARGETS.tensorrt, { precision: 'fp16', batch: 8, input: 'raw' });
    expectFit(TARGETS.triton, { scheme: 'u8s4', format: 'qoperator' });
    expectFit(TARGETS.qnn, { scheme: 'u16s8', batch: 4 });
  });
});
