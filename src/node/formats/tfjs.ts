import type { Network } from '../../../converter/network.ts';
import { readTfjs } from '../../../converter/tfjs-network.ts';
import { decodeUtf8 } from '../../../converter/weights/bytes.ts';
import { ResedgeError } from '../../errors.ts';
import { readBeside } from '../model/external-data.ts';

/** What every model.json of TensorFlow.js has, and no other file. */
const KEYS: readonly string[] = ['"modelTopology"', '"weightsManifest"'];
/** Largest text of a model without its weights. */
const MAX_JSON_BYTES = 2 ** 28;

/** True for the model.json of a TensorFlow.js model, damaged or not. */
export function looksLikeTfjs(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return /^\uFEFF?\s*\{\s*"/.test(text.toString('utf8', 0, 64)) && KEYS.some((key) => text.includes(key));
}

/**
 * The network of a TensorFlow.js model, whose shards lie beside its model.json. Throws `input`, `unsupported` or `limit` naming what is
 * at fault, `io` for a shard that is missing.
 */
export function readTfjsFile(path: string, bytes: Uint8Array): Network {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new ResedgeError('limit', `expected a model.json below ${MAX_JSON_BYTES} bytes, received ${bytes.length}`);
  }
  return readTfjs(decodeUtf8(bytes, 'model.json').replace(/^\uFEFF/, ''), (shard) => readBeside(path, shard, 'shards'));
}
