import { closeSync, openSync, writeSync } from 'node:fs';

/** NumPy's format, version 1: a mark, the length of the header, and the header padded so that the data starts at a multiple of this. */
const ALIGNMENT = 64;
const FIXED = 10;
const MARK = '\x93NUMPY\x01\x00';

/** The start of a `.npy` file of bytes in rows. */
export function npyHeader(dims: readonly number[]): Uint8Array {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${dims.map((dim) => `${dim},`).join(' ')}), }`;
  const length = Math.ceil((FIXED + text.length + 1) / ALIGNMENT) * ALIGNMENT - FIXED;
  const header = Buffer.alloc(FIXED + length, ' ');
  header.write(MARK, 'latin1');
  header.writeUInt16LE(length, MARK.length);
  header.write(text, FIXED, 'latin1');
  header.write('\n', FIXED + length - 1, 'latin1');
  return header;
}

/**
 * Writes pictures of one size as uint8 [n, ...dims] and returns how many there were, which is known at the end alone: the header comes
 * first and is written last, of the same length for up to `most` pictures.
 */
export async function writeNpy(
  path: string,
  pictures: AsyncIterable<Uint8Array>,
  dims: readonly number[],
  most: number,
): Promise<number> {
  const room = npyHeader([most, ...dims]).length;
  const file = openSync(path, 'wx');
  try {
    let [count, end] = [0, room];
    for await (const picture of pictures) {
      writeAt(file, picture, end);
      end += picture.length;
      count++;
    }
    writeAt(file, npyHeader([count, ...dims]), 0);
    return count;
  } finally {
    closeSync(file);
  }
}

function writeAt(file: number, part: Uint8Array, position: number): void {
  for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done, position + done);
}
