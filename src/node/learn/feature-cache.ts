import { createHash } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { evict } from '../cache/evict.ts';
import { runtimeVersion } from '../cache/graph-key.ts';
import { cacheFolder, cachePath } from '../cache-folder.ts';
import type { OpenedModel } from '../model/open-model.ts';
import { writeWhole } from '../write-whole.ts';
import { AUGMENTATION, type Variation } from './variants.ts';

/** Features [1 + variants, width] of pictures, by the pictures' hashes. */
export type FeatureCache = {
  readonly get: (hash: string) => Float32Array | undefined;
  readonly set: (hash: string, features: Float32Array) => void;
  /** Keeps what was set for the next time, as far as it can be written. */
  readonly save: () => void;
};

const PURPOSE = 'features';
const FILE = 'features.bin';
/** Raised when a file's form changes. */
const FORM = 1;
const HASH_BYTES = 32;
/** Of one file, and of all of them. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
const MAX_BYTES = 256 * 2 ** 20;

/** The features that a model, by its hash, gave here for pictures and their variants. */
export function featureCache(sha256: string, model: OpenedModel, variation: Variation, width: number): FeatureCache {
  const length = (1 + variation.count) * width;
  const { provider } = model.choice;
  const runtime = provider === 'wasm' ? model.session.backend : runtimeVersion();
  const decided = [FORM, sha256, provider, runtime, model.metadata.preprocessing, variation, AUGMENTATION];
  const key = createHash('sha256').update(JSON.stringify(decided)).digest('hex').slice(0, 32);
  const known = readEntries(key, length);
  const used = new Map<string, Float32Array>();
  let changed = false;
  return {
    get: (hash) => {
      const features = known.get(hash);
      if (features !== undefined) used.set(hash, features);
      return features;
    },
    set: (hash, features) => {
      used.set(hash, features);
      changed = true;
    },
    save: () => {
      const folder = changed ? cacheFolder(PURPOSE) : undefined;
      if (folder?.kind !== 'folder') return;
      // What this run used comes first, so that it is not cut off.
      const all = new Map([...used, ...known]);
      const most = Math.floor(MAX_FILE_BYTES / (HASH_BYTES + 4 * length));
      try {
        writeWhole(join(folder.path, key, FILE), chunksOf([...all].slice(0, most)));
        utimesSync(join(folder.path, key), new Date(), new Date());
        evict(folder.path, MAX_BYTES);
      } catch {
        // Features are computed again where they cannot be kept.
      }
    },
  };
}

function* chunksOf(entries: readonly (readonly [string, Float32Array])[]): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const [name, features] of entries) {
    for (const chunk of [
      Buffer.from(name, 'hex'),
      new Uint8Array(features.buffer, features.byteOffset, features.byteLength),
    ]) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

/** Nothing where the file is missing or damaged. */
function readEntries(key: string, length: number): ReadonlyMap<string, Float32Array> {
  const entries = new Map<string, Float32Array>();
  const folder = cachePath(PURPOSE);
  if (folder === undefined) return entries;
  try {
    const bytes = readFileSync(join(folder, key, FILE));
    const end = bytes.length - HASH_BYTES;
    const whole = createHash('sha256').update(bytes.subarray(0, end)).digest();
    if (!whole.equals(bytes.subarray(end))) return entries;
    const size = HASH_BYTES + 4 * length;
    for (let at = 0; at + size <= end; at += size) {
      const features = Uint8Array.from(bytes.subarray(at + HASH_BYTES, at + size));
      entries.set(bytes.toString('hex', at, at + HASH_BYTES), new Float32Array(features.buffer));
    }
  } catch {
    // Not kept so far.
  }
  return entries;
}
