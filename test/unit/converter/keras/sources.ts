import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Hdf5 } from '../../../../converter/keras/types.ts';
import { readKeras } from '../../../../converter/keras-network.ts';
import type { Network } from '../../../../converter/network.ts';
import { hdf5Of } from '../../../../src/node/formats/hdf5.ts';
import { readTree } from '../../../../src/node/formats/hdf5-tree.ts';
import { readKerasFile } from '../../../../src/node/formats/keras.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';

const folder = new URL('../../../golden/keras/', import.meta.url);

type Expected = Readonly<Record<string, { readonly size: number; readonly scores: readonly number[] }>>;

/** What Keras itself made of its files (test/peers/python/keras_models.py). */
export const EXPECTED: Expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

export function kerasBytes(name: string): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(new URL(`${name}.gz`, folder))));
}

/** Read in this thread: the golden files are known to come to an end. */
export async function readHere(bytes: Uint8Array): Promise<Hdf5> {
  return hdf5Of(await readTree(bytes));
}

export async function kerasNetwork(bytes: Uint8Array): Promise<Network> {
  return readKeras(await readKerasFile(bytes, readHere));
}

/** The input that Keras was given, [1, size, size, 3]. */
export function kerasInput(size: number): Tensor<'float32'> {
  const values = Float32Array.from({ length: size * size * 3 }, (_, i) => ((i * 37) % 256) / 64 - 2);
  return float32([1, size, size, 3], values);
}
