import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modelInput, probePicture } from '../../converter/probe.ts';
import { SCHEMES, type SchemeName } from '../../converter/quantize/scheme.ts';
import { calibrated, classic, convertFile, largestDifference, npy, raw, SAFE } from '../unit/converter/conversions.ts';
import { executedOps, logitsOf } from '../unit/converter/runner.ts';
import { avx2 } from './emulate/machines.ts';
import { runModel } from './emulate/run-model.ts';

const root = process.env['RESEDGE_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const golden = (file: string): string => `${root}/golden/${file}`;
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** What PyTorch made of the same weights in float32, and how far the stored precision may lead away from it. */
const files: readonly (readonly [string, string, string, number, number])[] = [
  ['resnet18.safetensors', 'resnet18', 'resnet18', 20, 1e-4],
  ['resnet34.safetensors', 'resnet34', 'resnet34', 36, 1e-4],
  ['resnet50.safetensors', 'resnet50', 'resnet50', 53, 1e-4],
  ['resnet101.safetensors', 'resnet101', 'resnet101', 104, 1e-4],
  ['resnet152.safetensors', 'resnet152', 'resnet152', 155, 1e-4],
  ['resnext50.safetensors', 'resnext50', 'resnext50', 53, 1e-4],
  ['wide_resnet50.safetensors', 'wide_resnet50', 'wide_resnet50', 53, 1e-4],
  ['resnet18.fp16.safetensors', 'resnet18', 'resnet18', 20, 2e-2],
  ['resnet18.bf16.safetensors', 'resnet18', 'resnet18', 20, 1.5e-1],
  ['resnet18.pth', 'resnet18', 'resnet18', 20, 1e-4],
  ['resnet18.checkpoint.legacy.pth', 'resnet18', 'resnet18', 20, 1e-4],
  ['resnet50.pth', 'resnet50', 'resnet50', 53, 1e-4],
];

describe.each(files)('%s', (file, family, logits, norms, tolerance) => {
  test(`in FP32 gives PyTorch's logits within ${tolerance}`, async () => {
    const { model, network, foldedLayers, maxAbsError } = await convertFile(bytes(golden(file)), classic(64));
    expect(network.name).toMatch(new RegExp(`^${family}(_|$)`));
    expect(foldedLayers).toBe(norms);
    expect(maxAbsError).toBeLessThan(1e-4);
    const found = await logitsOf(model, npy(golden('input.npy')));
    expect(largestDifference(found, npy(golden(`${logits}.logits.npy`)).data)).toBeLessThan(tolerance);
  });

  test('in INT8 runs every convolution, addition and the head in integers', async () => {
    const preprocessing = raw(64);
    const { model } = await convertFile(bytes(golden(file)), preprocessing, { int8: calibrated(preprocessing) });
    const ops = await executedOps(model, modelInput(probePicture(64, 1), preprocessing));
    expect(ops).toMatchObject({ QLinearConv: norms, NhwcMaxPool: 1, QLinearGlobalAveragePool: 1, QGemm: 1 });
    const leftOver = ['Conv', 'FusedConv', 'NhwcFusedConv', 'Add', 'Relu', 'Gemm', 'MaxPool', 'BatchNormalization'];
    for (const op of [...leftOver, 'QuantizeLinear', 'DequantizeLinear']) expect(ops[op]).toBeUndefined();
  });
});

test.each([
  ['weights/resnet20-12fca82f.th', 'resnet20', 19, 21, 9],
  ['weights/resnet56-4bfd9763.th', 'resnet56', 55, 57, 27],
  ['models/resnet20-cifar10.safetensors', 'resnet20', 21, 21, 9],
])('%s in INT8 runs in integers from the pixels to the logits', async (file, family, norms, convolutions, adds) => {
  const preprocessing = raw(32);
  const { model, network, foldedLayers } = await convertFile(bytes(`${root}/${file}`), preprocessing, {
    int8: calibrated(preprocessing),
  });
  expect(network.name).toBe(family);
  expect(foldedLayers).toBe(norms);
  expect(await executedOps(model, modelInput(probePicture(32, 1), preprocessing))).toEqual({
    ...{ Pad: 1, Transpose: 1, QLinearConv: convolutions, QLinearAdd: adds },
    ...{ QLinearGlobalAveragePool: 1, Flatten: 1, QGemm: 1 },
  });
});

describe('on AVX2 without VNNI, whose kernels saturate,', () => {
  const preprocessing = raw(64);
  const seeds = [11, 12];

  /** Largest difference of a logit between the emulated processor and this one with exact accumulators. */
  async function deviation(scheme: SchemeName): Promise<number> {
    const { model } = await convertFile(bytes(golden('resnet18.safetensors')), preprocessing, {
      int8: calibrated(preprocessing, { ...SAFE, scheme: SCHEMES[scheme] }, seeds),
    });
    const folder = mkdtempSync(join(tmpdir(), 'resedge-peers-'));
    try {
      const path = join(folder, 'model.onnx');
      writeFileSync(path, model);
      let largest = 0;
      for (const seed of seeds) {
        const data = new Uint8Array(probePicture(64, seed));
        const dims = [1, 64, 64, 3];
        const { fc } = await runModel(avx2, { model: path, feeds: { input: { type: 'uint8', dims, data } } });
        const exact = await logitsOf(model, { dtype: 'uint8', dims, data }, 'all', { x64quantprecision: '1' });
        largest = Math.max(largest, largestDifference(Float32Array.from(fc?.data ?? []), exact));
      }
      return largest;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('u8s8-safe computes what exact kernels do, u8s8 does not', async () => {
    expect(await deviation('u8s8-safe')).toBe(0);
    expect(await deviation('u8s8')).toBeGreaterThan(1e-3);
  });
});
