import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Read at once, whatever the file's size. */
const CHUNK = 2 ** 20;

/** Reads a file piece by piece; `visit` must not keep what it is given. Throws what `fs` throws. */
export function eachChunk(path: string, visit: (chunk: Uint8Array) => void): void {
  const file = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(CHUNK);
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) visit(buffer.subarray(0, read));
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of a file in lower-case hexadecimal. Throws what `fs` throws. */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  eachChunk(path, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

/** SHA-256 of bytes in lower-case hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** CRC-32 of a file: finds damage, not malice, at memory speed on every processor. Throws what `fs` throws. */
export function crc32Of(path: string): number {
  let value = 0;
  eachChunk(path, (chunk) => {
    value = crc32(chunk, value);
  });
  return value;
}
