import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModels } from '../../../../src/node/page/models.ts';
import type { ModelMetadata } from '../../../../src/onnx/metadata.ts';
import { folderWith } from '../folder.ts';
import { FP32, modelFile } from './model-file.ts';

function read(...all: readonly ModelMetadata[]) {
  const folder = folderWith(Object.fromEntries(all.map((metadata, i) => [`${i}.onnx`, modelFile(metadata)])));
  return readModels(all.map((_, i) => join(folder, `${i}.onnx`)));
}
const INT8: ModelMetadata = { ...FP32, precision: 'int8', scheme: 'u8s8' };

test('files of one network in several precisions, each under its hash', () => {
  const found = read(INT8, FP32).map(({ model }) => model);
  expect(found).toEqual([
    expect.objectContaining({ name: '0.onnx', precision: 'int8', scheme: 'u8s8' }),
    expect.objectContaining({ name: '1.onnx', precision: 'fp32', scheme: null }),
  ]);
  for (const { path } of found) expect(path).toMatch(/^models\/[0-9a-f]{64}\.onnx$/);
  expect(found[0]!.path).not.toBe(found[1]!.path);
});

test('two files of one precision are refused', () => {
  expect(() => read(INT8, { ...INT8, scheme: 's8s8' })).toThrow(
    /^expected one model of each precision, .*0\.onnx and .*1\.onnx are both int8: leave one out$/,
  );
});

test('so are files of other weights or with other labels', () => {
  const source = { ...FP32.source, file: 'other.pth', sha256: 'cd'.repeat(32) };
  expect(() => read(INT8, { ...FP32, source })).toThrow(
    /^expected one network in several precisions, .*1\.onnx comes of other\.pth, not of weights\.pth, or of another version of it: convert/,
  );
  expect(() => read(INT8, { ...FP32, labels: ['dog', 'cat'] })).toThrow(/1\.onnx has other labels: convert both from/);
});
