import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npyHeader, writeNpy } from '../../../../src/node/targets/npy.ts';
import { folderWith } from '../folder.ts';

async function* rows(...all: readonly (readonly number[])[]): AsyncGenerator<Uint8Array> {
  for (const row of all) yield Uint8Array.from(row);
}

test('a header is a multiple of 64 bytes that ends a line', () => {
  const header = Buffer.from(npyHeader([2, 32, 32, 3]));
  expect(header.length % 64).toBe(0);
  expect(header.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
  expect(header.readUInt16LE(8)).toBe(header.length - 10);
  expect(header.subarray(10).toString('latin1')).toMatch(
    /^\{'descr': '\|u1', 'fortran_order': False, 'shape': \(2, 32, 32, 3,\), \} *\n$/,
  );
});

test('the number of pictures that were read is what the header says', async () => {
  const path = join(folderWith(), 'a.npy');
  expect(await writeNpy(path, rows([1, 2, 3], [4, 5, 6]), [1, 1, 3], 100_000)).toBe(2);
  const written = readFileSync(path);
  expect(written.toString('latin1')).toContain("'shape': (2, 1, 1, 3,)");
  expect([...written.subarray(-6)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect((written.length - 6) % 64).toBe(0);
});
