import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBytes } from '../../../../src/node/files.ts';
import { inspectFile } from '../../../../src/node/model/inspect.ts';
import { openNetwork } from '../../../../src/node/model/open-network.ts';
import { sourceFiles } from '../../../../src/node/model/source-files.ts';
import { seededFile } from '../../converter/networks.ts';
import { tfjsFiles } from '../../converter/tfjs/sources.ts';
import { folderWith } from '../folder.ts';
import { sharded } from '../hub/sharded.ts';

const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../golden/onnx/sources/${name}`, import.meta.url));
const WHOLE = seededFile({ depths: [1, 1] });
const { json, shards } = tfjsFiles('fused');

describe.each<readonly [string, string, Readonly<Record<string, Uint8Array | string>>]>([
  ['a TensorFlow.js model', 'model.json', { 'model.json': JSON.stringify(json), ...shards }],
  ['an index of safetensors', 'model.safetensors.index.json', sharded(WHOLE, 2)],
  [
    'an ONNX model',
    'external.onnx',
    { 'external.onnx': golden('external.onnx'), 'external.bin': golden('external.bin') },
  ],
])('%s and its files', (_, main, files) => {
  const order = [main, ...Object.keys(files).filter((name) => name !== main)];

  test('are measured together, one after the other', () => {
    const folder = folderWith(files);
    const path = join(folder, main);
    const found = sourceFiles(path, readBytes(path, 'a model'), 'its own');
    const all = Buffer.concat(order.map((name) => readFileSync(join(folder, name))));
    expect(found.bytes).toBe(all.length);
    expect(found.sha256).toBe(createHash('sha256').update(all).digest('hex'));
    expect(found.named.map(({ name }) => name)).toEqual(order.slice(1));
  });

  test('are inspected, sizes and digests of all', async () => {
    const folder = folderWith(files);
    const path = join(folder, main);
    const found = await inspectFile(path, readBytes(path, 'a model'));
    const sizes = order.map((name) => readFileSync(join(folder, name)).length);
    expect(found.bytes).toBe(sizes.reduce((sum, size) => sum + size));
    expect(found.files?.map(({ bytes }) => bytes)).toEqual(sizes.slice(1));
  });

  test('are missed by name', async () => {
    const folder = folderWith({ [main]: files[main]! });
    const path = join(folder, main);
    await expect(inspectFile(path, readBytes(path, 'a model'))).rejects.toThrow(
      new RegExp(`${order[1]}: expected a file of the model's weights, no such file`),
    );
  });
});

test('a model in one file has the digest of that file', () => {
  const found = sourceFiles('w.safetensors', WHOLE, 'its own');
  expect(found).toEqual({ bytes: WHOLE.length, sha256: 'its own', named: [] });
});

test('weights spread over files are those of the whole file', async () => {
  const folder = folderWith(sharded(WHOLE, 3));
  const path = join(folder, 'model.safetensors.index.json');
  const spread = await openNetwork(path, readBytes(path, 'weights'), '', 'auto');
  const whole = await openNetwork('w.safetensors', WHOLE, '', 'auto');
  const numbers = (network: typeof whole) =>
    [...network.build(32).constants].map(([name, constant]) => [name, constant.read()] as const).sort();
  expect(numbers(spread)).toEqual(numbers(whole));
});
