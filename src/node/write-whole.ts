import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isResedgeError, ResedgeError } from '../errors.ts';
import { reasonOf } from './files.ts';
import { makeFolders } from './make-folders.ts';

/**
 * Finds out before any work whether a file can be written whole at `path`. Throws `usage` where that would replace one of the
 * files it is made from, `io` where a folder or a device is in the way or the folder takes no files.
 */
export function expectWritable(path: string, sources: readonly (string | undefined)[]): void {
  const place = realPath(path);
  const source = sources.find((other) => other !== undefined && realPath(other) === place);
  if (source !== undefined) {
    throw new ResedgeError('usage', `${path}: expected another file to write to, this one is read or written already`);
  }
  const there = statOf(path);
  if (there !== undefined && !there.isFile()) {
    const found = there.isDirectory() ? 'it is a folder' : 'it is no regular file';
    throw new ResedgeError('io', `${path}: expected a file to write, ${found}: name a file`);
  }
  expectFolder(path);
}

/** Finds out whether something can be made at `path` by making something else in the nearest folder that exists. Throws `io`. */
export function expectFolder(path: string): void {
  const folder = nearestFolder(path);
  try {
    if (!statSync(folder).isDirectory())
      throw new ResedgeError('io', `${path}: could not be written, ${folder} is a file`);
    const tried = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}${PARTIAL}`);
    mkdirSync(tried);
    rmdirSync(tried);
  } catch (error) {
    if (isResedgeError(error)) throw error;
    throw notWritten(path, error);
  }
}

/** Absolute, links followed as far as the path exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The folder of a file, or the nearest thing above it that exists. */
function nearestFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (statOf(folder) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function notWritten(path: string, cause: unknown): ResedgeError {
  return new ResedgeError('io', `${path}: could not be written, ${reasonOf(cause)}; nothing was left behind`, {
    cause,
  });
}

/** How the names of files end that are being written. */
const PARTIAL = '.partial';

/** Removes what a killed process left of a file that it was writing to `path`. No other may be writing it. */
export function removePartials(path: string): void {
  const [folder, name] = [dirname(path), basename(path)];
  for (const found of existsSync(folder) ? readdirSync(folder) : []) {
    const between =
      found.startsWith(`${name}.`) && found.endsWith(PARTIAL) && found.slice(name.length + 1, -PARTIAL.length);
    if (between && /^[0-9a-f]{8}$/.test(between)) rmSync(join(folder, found), { force: true });
  }
}

/**
 * Writes a file whole or not at all: beside its place under another name, then renamed once it is on the disk. Folders on the way are
 * made. Returns the number of bytes. Throws `io` and leaves nothing behind.
 */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): number {
  const partial = `${path}.${randomBytes(4).toString('hex')}${PARTIAL}`;
  let removeFolders: (() => void) | undefined;
  let file: number | undefined;
  let bytes = 0;
  try {
    removeFolders = makeFolders(dirname(path));
    file = openSync(partial, 'wx');
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
      bytes += chunk.length;
    }
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(partial, path);
    return bytes;
  } catch (error) {
    if (file !== undefined) closeSync(file);
    rmSync(partial, { force: true });
    removeFolders?.();
    throw isResedgeError(error) ? error : notWritten(path, error);
  }
}
