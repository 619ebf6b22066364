import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNetwork, type WeightsNetwork } from '../../../../converter/network.ts';
import type { Architecture, Hints } from '../../../../converter/resnet/architecture.ts';
import { expectedShapes } from '../../../../converter/resnet/check.ts';
import { detectArchitecture } from '../../../../converter/resnet/detect.ts';
import { hintsOf, requireFamily } from '../../../../converter/resnet/families.ts';
import { elementCount, float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { BEST, calibrated, classic, convertNetwork, largestDifference, npy, raw } from '../conversions.ts';
import { architecture } from '../networks.ts';
import { logitsOf } from '../runner.ts';

const SIZE = 44;
/** Averages that leave out an odd end do not fit the shortcut of such a size, in timm either. */
const EVEN = 32;
const at = (file: string): string => new URL(`../../../golden/variants/${file}`, import.meta.url).pathname;

/** The name that a network has by its tensors, with what its configuration says of it. */
const networks: readonly (readonly [string, string, Hints])[] = [
  ['resnet10t', 'resnet10t', {}],
  ['resnet14d', 'resnet14d', {}],
  ['seresnet10', 'seresnet10', {}],
  ['ecaresnet14', 'ecaresnet14', {}],
  ['resnetblur10', 'resnetblur10', { antialias: 'blur' }],
  ['resnetaa14', 'resnetaa14', { antialias: 'average' }],
  ['transformers.basic', 'resnet-basic-1-2-1-1', { firstStride: 2 }],
  ['transformers.bottleneck', 'resnet-bottleneck-1-1-2-1', {}],
  ['transformers.first', 'resnet14', { stride: 'first' }],
];

function read(file: string, hints: Hints): WeightsNetwork {
  const bytes = new Uint8Array(readFileSync(at(`${file}.safetensors`)));
  return readNetwork(bytes, 'auto', { hints, preprocessing: {}, warnings: [] });
}

/** The upper left corner of [N, 3, SIZE, SIZE]. */
function cropped({ dims, data }: Tensor<'float32'>, size: number): Tensor<'float32'> {
  const [count = 0, channels = 0] = dims;
  const out = new Float32Array(count * channels * size * size);
  for (let i = 0; i < out.length; i++) {
    const [plane, row, column] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    out[i] = data[(plane * SIZE + row) * SIZE + column]!;
  }
  return float32([count, channels, size, size], out);
}

const DEEP = { kind: 'deep', width: 64, inner: [32, 32] } as const;
const POOLED = { kind: 'projection', name: 'downsample', pooled: true } as const;

describe.each(networks)('%s', (file, name, hints) => {
  const size = hints.antialias === 'average' ? EVEN : SIZE;

  test('in FP32 gives the logits that NumPy gives by the definitions', async () => {
    const network = read(file, hints);
    expect(network.name).toBe(name);
    const { model, maxAbsError } = await convertNetwork(network, classic(size));
    expect(maxAbsError).toBeLessThan(1e-4);
    const found = await logitsOf(model, cropped(npy(at('input.npy')), size));
    expect(largestDifference(found, npy(at(`${file}.logits.npy`)).data)).toBeLessThan(1e-4);
  });

  test('in INT8 stays close to FP32', async () => {
    const preprocessing = raw(size);
    const { int8 } = await convertNetwork(read(file, hints), preprocessing, { int8: calibrated(preprocessing) });
    expect(int8?.judgement.sqnrDb).toBeGreaterThan(20);
  });
});

/** One of each kind that averages before a stride, and one with gates. */
const pictureless = networks.filter(([file]) => /^(resnet14d|resnetblur10|resnetaa14|ecaresnet14)$/.test(file));

test.each(pictureless)('%s in INT8 without pictures stays close to FP32', async (file, _, hints) => {
  const int8 = { recipe: BEST, calibration: { kind: 'none' } } as const;
  const { int8: result } = await convertNetwork(read(file, hints), raw(EVEN), { int8 });
  expect(result?.judgement.sqnrDb).toBeGreaterThan(20);
});

/** Networks with the number of parameters that timm states. */
const published: readonly (readonly [string, Partial<Architecture>, number])[] = [
  ['resnet50d', { stem: DEEP, shortcut: POOLED }, 25_576_264],
  ['resnet50c', { stem: DEEP }, 25_576_264],
  ['seresnet50', { attention: { kind: 'squeeze-excite', reduced: [16, 32, 64, 128] } }, 28_088_024],
  ['resnetblur50', { antialias: 'blur' }, 25_557_032],
];

test.each(published)('%s is known by its shapes and has its parameters', (name, variant, count) => {
  const { name: _, ...plain } = architecture({ depths: [3, 4, 6, 3], block: 'bottleneck', inner: 64, classes: 1000 });
  const wanted = { ...plain, stem: { kind: 'imagenet', width: 64 }, ...variant, name } as const;
  const shapes = [...expectedShapes(wanted)];
  const tensors = new Map(shapes.map(([tensor, dims]) => [tensor, { dims }]));
  expect(detectArchitecture(tensors, hintsOf(name))).toEqual(wanted);
  const learned = shapes.filter(([tensor]) => !tensor.includes('running'));
  expect(learned.reduce((sum, [, dims]) => sum + elementCount(dims), 0)).toBe(count);
  requireFamily(wanted, name);
});
