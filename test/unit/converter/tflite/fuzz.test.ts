import { expect, test } from 'vitest';
import { readTflite } from '../../../../converter/tflite-network.ts';
import { isResedgeError } from '../../../../src/errors.ts';
import { mulberry32 } from '../../../../src/tensor/random.ts';
import { prepared, tfliteBytes } from './sources.ts';

const SOURCES = ['mobile.int8', 'mobile.labelled', 'resnet.half', 'variety.int8'];
const ROUNDS = 150;
/** Numbers that sizes and offsets go wrong with. */
const ODD = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];

/** A file with a few numbers changed, or cut. */
function mutated(random: () => number, source: Uint8Array): Uint8Array {
  const below = (count: number): number => Math.floor(random() * count);
  const bytes = source.slice(0, random() < 0.05 ? below(source.length) : source.length);
  const view = new DataView(bytes.buffer);
  for (let left = 1 + below(4); left > 0 && bytes.length > 8; left--) {
    const at = 4 * below((bytes.length - 4) >> 2);
    const kind = below(4);
    if (kind === 0) bytes[at + below(4)]! ^= 1 << below(8);
    else view.setUint32(at, kind === 1 ? below(2 * bytes.length) : ODD[below(ODD.length)]!, true);
  }
  return bytes;
}

test('damaged files are read or refused in one line', () => {
  const random = mulberry32(7);
  const sources = SOURCES.map((name) => ({ bytes: tfliteBytes(name), preprocessing: prepared(name) }));
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, preprocessing } = sources[round % sources.length]!;
    try {
      const network = readTflite(mutated(random, bytes));
      network.quantized?.({ ...preprocessing, inputSize: network.preprocessing.inputSize });
    } catch (error) {
      if (!isResedgeError(error) || error.code === 'internal') throw error;
      expect(error.message).not.toContain('\n');
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(ROUNDS / 20);
  expect(refused).toBeLessThan(ROUNDS);
});
