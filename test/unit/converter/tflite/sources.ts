import { readdirSync, readFileSync } from 'node:fs';
import type { Network } from '../../../../converter/network.ts';
import { readTflite } from '../../../../converter/tflite-network.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';
import { type Converted, convertNetwork, raw } from '../conversions.ts';

const folder = new URL('../../../golden/tflite/', import.meta.url);

/** What LiteRT made of {@link patterns} (test/golden/tflite/generate.py), one row a picture. */
export const EXPECTED: Readonly<Record<string, readonly (readonly number[])[]>> = JSON.parse(
  readFileSync(new URL('expected.json', folder), 'utf8'),
);

export const FILES: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.tflite'))
  .map((name) => name.replace('.tflite', ''));

export function tfliteBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.tflite`, folder)));
}

export function tfliteNetwork(name: string): Network {
  return readTflite(tfliteBytes(name));
}

/** As the fixtures of a name were trained. */
export function prepared(name: string): Preprocessing {
  const same = (value: number) => [value, value, value] as const;
  const none = { mean: same(0), std: same(1) };
  if (name.startsWith('resnet')) return raw(32, { scale: 255, ...none });
  return name.startsWith('mobile')
    ? raw(32, { scale: 127.5, mean: same(1), std: same(1) })
    : raw(32, { scale: 1, ...none });
}

/** A fixture as a file that takes raw pixels: with its own integers where it has them, else in FP32. */
export async function convertTflite(name: string): Promise<Converted> {
  const network = tfliteNetwork(name);
  return await convertNetwork(network, prepared(name), network.quantized ? { stored: {} } : {});
}

/** Pictures uint8 [count, side, side, 3], the same as generate.py makes. */
export function patterns(count: number, side = 32): Tensor<'uint8'> {
  const data = new Uint8Array(count * side * side * 3);
  let at = 0;
  for (let k = 0; k < count; k++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let c = 0; c < 3; c++) {
          const wave = (x * (3 + (k % 5)) + y * (7 - (k % 4)) + c * (11 + 13 * k)) * (1 + (k % 3));
          data[at++] = (wave + ((x * y * (k + 1)) >> 3)) % 256;
        }
      }
    }
  }
  return { dtype: 'uint8', dims: [count, side, side, 3], data };
}
