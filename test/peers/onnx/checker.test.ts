import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import type { Model } from '../../../src/onnx/schema.ts';
import { float32 } from '../../../src/tensor/tensor.ts';
import { calibrated, convertFile, raw } from '../../unit/converter/conversions.ts';
import { seededFile } from '../../unit/converter/networks.ts';
import { describeModel, golden, tinyModel } from '../../unit/onnx/files.ts';
import { anyModel } from '../../unit/onnx/models.ts';
import { PYTHON } from '../python/program.ts';

const CHECK = fileURLToPath(new URL('check.py', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'resedge-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the onnx package reads from the files of these models, each checked with the given level. */
function readByPeer(level: 'check' | 'infer' | 'load', models: readonly Model[]): readonly unknown[] {
  const paths = models.map((model, i) => {
    const path = join(folder, `${level}-${i}.onnx`);
    writeFileSync(path, Buffer.concat(encodeModel(model)));
    return path;
  });
  return JSON.parse(execFileSync(PYTHON, [CHECK, level, ...paths], { encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

describe('the onnx package', () => {
  it('accepts encoded models in its checker, shape inference included', () => {
    const weights = Float32Array.from({ length: 3000 }, (_, i) => i / 7);
    const models = [
      tinyModel({}, new Map([['resedge.labels', '["犬"]']])),
      tinyModel({ initializers: [{ name: 'large', ...float32([3000], weights) }] }),
      decodeModel(golden('good/raw.onnx')),
    ];
    expect(readByPeer('infer', models)).toEqual(models.map(describeModel));
  });

  it.each([
    ['float16', { fp16: {} }],
    ['INT8', { int8: calibrated(raw(32)) }],
    ['INT8 with operators on integers', { int8: calibrated(raw(32)), file: { format: 'qoperator' } }],
    ['a fixed batch', { file: { batch: 3 } }],
  ] as const)('accepts a converted network: %s', async (_, options) => {
    const { model } = await convertFile(seededFile({ depths: [1, 1] }), raw(32), options);
    const decoded = decodeModel(model);
    expect(readByPeer('infer', [decoded])).toEqual([describeModel(decoded)]);
  });

  it('accepts models with typed data and every attribute after a round trip', () => {
    const models = ['typed', 'attributes'].map((name) => decodeModel(golden(`good/${name}.onnx`)));
    expect(readByPeer('check', models)).toEqual(models.map(describeModel));
  });

  it('reads from any encoded model what was written', () => {
    const models = fc.sample(anyModel, { numRuns: 200, seed: 5 });
    expect(readByPeer('load', models)).toEqual(models.map(describeModel));
  });
});
