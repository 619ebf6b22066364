import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Network } from '../../../../converter/network.ts';
import { readTfjs } from '../../../../converter/tfjs-network.ts';

const GOLDEN = new URL('../../../golden/tfjs/', import.meta.url);

export type Expected = Readonly<Record<string, { readonly size: number; readonly scores: readonly number[] }>>;

/** What TensorFlow.js itself made of its models (test/peers/tfjs/make-models.mjs). */
export const EXPECTED: Expected = JSON.parse(readFileSync(new URL('expected.json', GOLDEN), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: tests change any part of a model.
export type Json = any;

/** A model as TensorFlow.js saves it: its JSON, and its shards by name. */
export type TfjsFiles = { readonly json: Json; readonly shards: Readonly<Record<string, Uint8Array>> };

export function tfjsFiles(name: string, folder: URL | string = GOLDEN): TfjsFiles {
  const path = typeof folder === 'string' ? `${folder}/${name}.json.gz` : new URL(`${name}.json.gz`, folder);
  const { 'model.json': json, ...shards } = JSON.parse(gunzipSync(readFileSync(path)).toString());
  const bytes = Object.entries(shards).map(([shard, text]) => [shard, Buffer.from(String(text), 'base64')] as const);
  return { json, shards: Object.fromEntries(bytes) };
}

export function tfjsNetwork({ json, shards }: TfjsFiles): Network {
  return readTfjs(JSON.stringify(json), (name) => {
    const shard = shards[name];
    if (shard === undefined) throw new Error(`no shard ${name}`);
    return shard;
  });
}
