import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from './files.ts';

export type CacheFolder =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** Names the folder to use instead of the system's for caches; `off` keeps nothing and uses nothing kept. */
export const CACHE_VARIABLE = 'RESEDGE_CACHE';

const OFF = 'off';

/** The folders from the outermost one to the one for `purpose` (XDG base directories), whether there or not; undefined where caching is off. */
function foldersOf(purpose: string): readonly string[] | undefined {
  const named = process.env[CACHE_VARIABLE];
  if (named === OFF) return undefined;
  if (named) return [named, join(named, purpose)];
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return [base, join(base, 'resedge'), join(base, 'resedge', purpose)];
}

/** Where files named `purpose` lie if any were kept; nothing is made. Undefined where caching is off. */
export function cachePath(purpose: string): string | undefined {
  return foldersOf(purpose)?.at(-1);
}

/** Where files lie that can be made again: a folder named `purpose`, made if it is missing, and writable. */
export function cacheFolder(purpose: string): CacheFolder {
  const folders = foldersOf(purpose);
  const path = folders?.at(-1);
  if (folders === undefined || path === undefined) return { kind: 'fault', reason: `${CACHE_VARIABLE} is ${OFF}` };
  try {
    for (const folder of folders) makeFolder(folder);
    accessSync(path, constants.W_OK | constants.X_OK);
    return { kind: 'folder', path };
  } catch (error) {
    const reason = `expected a folder to write at ${path}, ${reasonOf(error)}: name another one with ${CACHE_VARIABLE}, or set it to ${OFF}`;
    return { kind: 'fault', reason };
  }
}

/** One folder at a time: Node's recursive way never returns where a file system takes none, as /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) mkdirSync(path);
}
