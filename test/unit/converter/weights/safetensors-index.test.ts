import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { shardsOf } from '../../../../converter/weights/safetensors-index.ts';
import { sharded } from '../../node/hub/sharded.ts';
import { seededFile } from '../networks.ts';
import { refusal } from './files.ts';

const INDEX = 'model.safetensors.index.json';
const files = sharded(seededFile({ depths: [1, 1] }), 2);
const [first = '', second = ''] = Object.keys(files).slice(1);
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const map: Readonly<Record<string, string>> = JSON.parse(new TextDecoder().decode(files[INDEX])).weight_map;
const read = (name: string): Uint8Array => files[name]!;

function refused(weight_map: unknown): string {
  return refusal(() => readWeights(bytesOf({ metadata: {}, weight_map }), read));
}

test('names every shard once, in the order of the tensors', () => {
  expect(shardsOf(files[INDEX]!)).toEqual([first, second]);
});

describe('refuses', () => {
  test('a shard that lacks a tensor', () => {
    expect(refused({ ...map, 'layer9.weight': second })).toMatch(
      /^input: expected layer9\.weight in model-00002-of-00002\.safetensors alone, it is not there: the files belong/,
    );
  });

  test('a shard with a tensor of another, and with one that the index does not know', () => {
    const [tensor = ''] = Object.keys(map);
    expect(refused({ ...map, [tensor]: second })).toMatch(/^input: .* alone, the index says otherwise/);
    const { [tensor]: _, ...others } = map;
    expect(refused(others)).toMatch(/^input: .* alone, the index says otherwise/);
  });

  test('shards of pickles', () => {
    expect(refused({ a: 'pytorch_model-00001-of-00002.bin' })).toMatch(/^unsupported: expected shards in safetensors/);
  });

  test.each([
    ['no map', undefined, /looks like/],
    ['a list', ['a'], /^input: expected a weight_map/],
    ['an empty map', {}, /^input: expected at least one tensor/],
    ['what names no file', { a: 1 }, /^input: expected a file for every tensor/],
  ])('%s', (_, weight_map, says) => {
    expect(refused(weight_map)).toMatch(says);
  });

  test('JSON that is cut short', () => {
    expect(refusal(() => readWeights(files[INDEX]!.subarray(0, 200), read))).toMatch(/^input: expected a weight_map/);
  });

  test('more files than a model has', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, `${i}.safetensors`]));
    expect(refused(many)).toMatch(/^limit: expected weights in at most 1000 files/);
  });

  test('an index where nobody hands out its shards', () => {
    expect(refusal(() => readWeights(files[INDEX]!))).toMatch(/^input: expected trained weights/);
  });
});
