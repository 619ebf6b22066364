import { closeSync, openSync, readSync } from 'node:fs';
import { looksLikeTflite } from '../../../converter/tflite/model.ts';
import { readTflite } from '../../../converter/tflite-network.ts';
import { readBytes } from '../files.ts';
import { about } from './about.ts';

/** True for a file whose layers are integers already, which can be written as they are. Throws for a model that cannot be read. */
export function isQuantizedSource(path: string): boolean {
  if (!looksLikeTflite(beginningOf(path))) return false;
  const bytes = readBytes(path, 'a TFLite model');
  return about(path, () => readTflite(bytes)).quantized !== undefined;
}

/** Nothing of a file that cannot be read: whoever reads it next says so. */
function beginningOf(path: string): Uint8Array {
  const bytes = new Uint8Array(8);
  try {
    const file = openSync(path, 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return new Uint8Array();
  }
}
