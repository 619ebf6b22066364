import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toInput } from '../../src/image/to-input.ts';
import { listPictures } from '../../src/node/image/list.ts';
import { decodeAll } from '../../src/node/model/pictures.ts';
import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { classic, convertFile, largestDifference, npy, raw } from '../unit/converter/conversions.ts';
import { logitsOf } from '../unit/converter/runner.ts';

const root = process.env['RESEDGE_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(`${root}/${path}`));

async function* drawings(preprocessing: Preprocessing): AsyncGenerator<Tensor> {
  for await (const decoded of decodeAll(await listPictures([`${root}/pictures`]), (path) => path, preprocessing)) {
    if (decoded.kind === 'pixels') yield toInput(decoded.pixels, preprocessing);
  }
}

describe('trained networks in float16 are within 55 dB of FP32 on pictures', () => {
  test.each(['weights/resnet20-12fca82f.th', 'weights/resnet56-4bfd9763.th', 'models/resnet20-cifar10.safetensors'])(
    '%s',
    async (file) => {
      const { fp16 } = await convertFile(bytes(file), raw(32), { fp16: { pictures: drawings(raw(32)) } });
      expect(fp16).toMatchObject({ single: [], judgement: { agreement: 1, pictures: 10 } });
      expect(fp16?.judgement.sqnrDb).toBeGreaterThan(55);
    },
  );
});

describe('networks of random weights, which damp no rounding, lose more the deeper they are', () => {
  test.each([
    ['resnet18', 50, 1e-2],
    ['resnet34', 43, 2e-2],
    ['resnet50', 36, 3e-2],
  ])('%s', async (name, decibels, tolerance) => {
    const { model, fp16 } = await convertFile(bytes(`golden/${name}.safetensors`), classic(64), { fp16: {} });
    expect(fp16?.single).toEqual([]);
    expect(fp16?.judgement.sqnrDb).toBeGreaterThan(decibels);
    const found = await logitsOf(model, npy(`${root}/golden/input.npy`));
    expect(largestDifference(found, npy(`${root}/golden/${name}.logits.npy`).data)).toBeLessThan(tolerance);
  });
});
