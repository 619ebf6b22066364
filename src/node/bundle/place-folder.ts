import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';
import { makeFolders } from '../make-folders.ts';
import { PACKAGE_FOLDER } from '../package.ts';
import { expectFolder } from '../write-whole.ts';

/**
 * Finds out before any work whether a folder can be made at `path`. Throws `usage` where something is in the way: a file, a folder that is
 * not empty unless `force`, or one that holds `sources`, the working folder, the home folder or this program; `io` where the folder it
 * lies in takes none. `never`: nothing replaces a folder that holds files.
 */
export function expectPlace(path: string, force: boolean | 'never', sources: readonly string[]): void {
  // A folder that is there is replaced by one beside it.
  expectFolder(path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw new ResedgeError('usage', `${path}: expected a folder to make, a file is in the way`);
  const folder = realpathSync(path);
  const held = [process.cwd(), homedir(), fileURLToPath(PACKAGE_FOLDER), ...sources].find((other) =>
    holds(folder, other),
  );
  if (held !== undefined) {
    throw new ResedgeError(
      'usage',
      `${path}: expected a folder of its own to make, this one holds ${held}: name another`,
    );
  }
  if (force === true || readdirSync(folder).length === 0) return;
  throw new ResedgeError(
    'usage',
    `${path}: expected no folder or an empty one, it holds files: name another${force === 'never' ? '' : ', or replace it with --force'}`,
  );
}

function holds(folder: string, other: string): boolean {
  const way = relative(folder, realpathSync(other));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

/**
 * Makes a folder whole or not at all: `fill` gets one beside its place, which takes the place, and that of what was there, once it is
 * full. Throws what `fill` throws and `io`, and leaves nothing behind.
 */
export async function placeFolder<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const place = statSync(path, { throwIfNoEntry: false }) === undefined ? resolve(path) : realpathSync(path);
  const beside = join(dirname(place), `.${basename(place)}.${randomBytes(4).toString('hex')}`);
  let removeFolders: (() => void) | undefined;
  try {
    removeFolders = makeFolders(dirname(place));
    mkdirSync(`${beside}.partial`);
    const result = await fill(`${beside}.partial`);
    const old = statSync(place, { throwIfNoEntry: false }) !== undefined;
    if (old) renameSync(place, `${beside}.old`);
    try {
      renameSync(`${beside}.partial`, place);
    } catch (error) {
      if (old) renameSync(`${beside}.old`, place);
      throw error;
    }
    rmSync(`${beside}.old`, { recursive: true, force: true });
    return result;
  } catch (error) {
    rmSync(`${beside}.partial`, { recursive: true, force: true });
    removeFolders?.();
    if (isResedgeError(error)) throw error;
    throw new ResedgeError('io', `${path}: could not be made, ${reasonOf(error)}; nothing was left behind`, {
      cause: error,
    });
  }
}
