import { readFileSync, statSync } from 'node:fs';
import { isResedgeError, ResedgeError } from '../errors.ts';

/** Largest file that is read into memory: typed arrays and ONNX both end near here. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would grow larger than is allowed here',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
};

/** Why a file operation failed, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message.split('\n')[0]! : String(error));
}

/** A whole file; `what` says in errors what was expected of it. Throws `io` or, for a folder, `input`. */
export function readBytes(path: string, what: string): Uint8Array<ArrayBuffer> {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new ResedgeError('input', `${path}: expected ${what}, found a folder`);
    if (stats.size > MAX_FILE_BYTES) {
      throw new ResedgeError('limit', `${path}: expected ${what} below 2 GiB, the file has ${stats.size} bytes`);
    }
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (error) {
    if (isResedgeError(error)) throw error;
    throw new ResedgeError('io', `${path}: expected ${what}, ${reasonOf(error)}`, { cause: error });
  }
}

export function readText(path: string, what: string): string {
  return new TextDecoder().decode(readBytes(path, what));
}
