import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from './files.ts';
import { makeFolders } from './make-folders.ts';

export type CacheFolder =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** Names the folder to use instead of the system's for caches; `off` keeps nothing and uses nothing kept. */
export const CACHE_VARIABLE = 'RESEDGE_CACHE';

const OFF = 'off';

/** Where files named `purpose` lie if any were kept (XDG base directories); nothing is made. Undefined where caching is off. */
export function cachePath(purpose: string): string | undefined {
  const named = process.env[CACHE_VARIABLE];
  if (named === OFF) return undefined;
  return join(named || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'resedge'), purpose);
}

/** Where files lie that can be made again: a folder named `purpose`, made if it is missing, and writable. */
export function cacheFolder(purpose: string): CacheFolder {
  const path = cachePath(purpose);
  if (path === undefined) return { kind: 'fault', reason: `${CACHE_VARIABLE} is ${OFF}` };
  try {
    makeFolders(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    return { kind: 'folder', path };
  } catch (error) {
    const reason = `expected a folder to write at ${path}, ${reasonOf(error)}: name another one with ${CACHE_VARIABLE}, or set it to ${OFF}`;
    return { kind: 'fault', reason };
  }
}
