import { ResedgeError } from '../../src/errors.ts';
import { decodeLatin1, decodeUtf8, quote } from './bytes.ts';
import { readSafetensors, type Safetensors } from './safetensors.ts';
import type { StoredTensor } from './types.ts';

/** Hands out the bytes of a file that an index names. */
export type ReadShard = (name: string) => Uint8Array;

/** Most files that weights may be spread over. */
const MAX_SHARDS = 1000;
/** Largest index, which says of every tensor where it lies. */
const MAX_INDEX_BYTES = 2 ** 26;
/** Within these first bytes an index shows that it is one. */
const HEAD_BYTES = 2 ** 16;

/** True for the JSON that says over which files weights are spread (`model.safetensors.index.json`). Never throws. */
export function looksLikeIndex(bytes: Uint8Array): boolean {
  const head = decodeLatin1(bytes.subarray(0, HEAD_BYTES));
  return /^\s*\{\s*"/.test(head) && head.includes('"weight_map"');
}

/** The files that an index names, each once. Throws `input` for one that makes no sense, `limit` for more than a thousand. */
export function shardsOf(index: Uint8Array): readonly string[] {
  return [...new Set(placesOf(index).values())];
}

/** The tensors of all shards of an index together. Throws `input` where the index and they do not fit. */
export function readSharded(index: Uint8Array, read: ReadShard): Safetensors {
  const places = placesOf(index);
  const tensors = new Map<string, StoredTensor>();
  const metadata = new Map<string, string>();
  for (const shard of new Set(places.values())) {
    if (!shard.endsWith('.safetensors')) {
      throw new ResedgeError('unsupported', `expected shards in safetensors, the index names ${quote(shard)}`);
    }
    const found = readSafetensors(read(shard));
    for (const [key, text] of found.metadata) metadata.set(key, text);
    for (const [name, tensor] of found.tensors) {
      if (places.get(name) !== shard) throw unfit(name, shard, 'the index says otherwise');
      tensors.set(name, tensor);
    }
  }
  for (const [name, shard] of places) if (!tensors.has(name)) throw unfit(name, shard, 'it is not there');
  return { tensors, metadata };
}

function unfit(tensor: string, shard: string, why: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected ${quote(tensor)} in ${quote(shard)} alone, ${why}: the files belong to different models, download them again`,
  );
}

/** The file of every tensor. */
function placesOf(index: Uint8Array): ReadonlyMap<string, string> {
  if (index.length > MAX_INDEX_BYTES) {
    throw new ResedgeError('limit', `expected an index below ${MAX_INDEX_BYTES} bytes, received ${index.length}`);
  }
  const map = mapIn(decodeUtf8(index, 'the index of shards'));
  const places = new Map(
    Object.entries(map).flatMap(([name, file]) => (typeof file === 'string' ? [[name, file]] : [])),
  );
  if (places.size < Object.keys(map).length) throw damaged('a file for every tensor');
  if (places.size === 0) throw damaged('at least one tensor');
  if (new Set(places.values()).size > MAX_SHARDS) {
    throw new ResedgeError('limit', `expected weights in at most ${MAX_SHARDS} files, the index names more`);
  }
  return places;
}

function mapIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    const map = typeof parsed === 'object' && parsed && 'weight_map' in parsed ? parsed.weight_map : undefined;
    if (typeof map === 'object' && map && !Array.isArray(map)) return map as Readonly<Record<string, unknown>>;
  } catch {}
  throw damaged('a weight_map');
}

function damaged(what: string): ResedgeError {
  return new ResedgeError('input', `expected ${what} in the index of shards, found none: download or save it again`);
}
