import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CACHE_VARIABLE } from '../../../../src/node/cache-folder.ts';
import { type FeatureCache, featureCache } from '../../../../src/node/learn/feature-cache.ts';
import type { OpenedModel } from '../../../../src/node/model/open-model.ts';
import { raw } from '../../converter/conversions.ts';
import { folderWith } from '../folder.ts';

const MODEL = {
  choice: { provider: 'wasm' },
  session: { backend: 'onnxruntime-web' },
  metadata: { preprocessing: raw(8) },
} as unknown as OpenedModel;
const NAME = 'ab'.repeat(32);
const FEATURES = Float32Array.of(1, 2, 3, 4);

let before: string | undefined;
beforeEach(() => {
  before = process.env[CACHE_VARIABLE];
});
afterEach(() => {
  if (before === undefined) delete process.env[CACHE_VARIABLE];
  else process.env[CACHE_VARIABLE] = before;
});

function opened(change: { readonly sha?: string; readonly seed?: number; readonly count?: number } = {}): FeatureCache {
  const { sha = '0', seed = 0, count = 1 } = change;
  return featureCache(sha, MODEL, { count, seed }, 2);
}

function keep(): void {
  const cache = opened();
  cache.set(NAME, FEATURES);
  cache.save();
}

test('features are there the next time, for the same model, seed and variants alone', () => {
  process.env[CACHE_VARIABLE] = folderWith();
  keep();
  expect(opened().get(NAME)).toEqual(FEATURES);
  expect(opened({ sha: '1' }).get(NAME)).toBeUndefined();
  expect(opened({ seed: 1 }).get(NAME)).toBeUndefined();
  expect(opened({ count: 0 }).get(NAME)).toBeUndefined();
});

test('what another run kept stays', () => {
  process.env[CACHE_VARIABLE] = folderWith();
  keep();
  const cache = opened();
  const other = 'cd'.repeat(32);
  cache.set(other, FEATURES);
  cache.save();
  expect(opened().get(NAME)).toEqual(FEATURES);
  expect(opened().get(other)).toEqual(FEATURES);
});

test('a damaged file counts for nothing', () => {
  const folder = folderWith();
  process.env[CACHE_VARIABLE] = folder;
  keep();
  const [key = ''] = readdirSync(join(folder, 'features'));
  const path = join(folder, 'features', key, 'features.bin');
  const bytes = readFileSync(path);
  bytes[40]! ^= 1;
  writeFileSync(path, bytes);
  expect(opened().get(NAME)).toBeUndefined();
  writeFileSync(path, bytes.subarray(0, 20));
  expect(opened().get(NAME)).toBeUndefined();
});

test('without a cache nothing is kept, and nothing fails', () => {
  process.env[CACHE_VARIABLE] = 'off';
  keep();
  expect(opened().get(NAME)).toBeUndefined();
});
