import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those that are missing on the way to it, one by one: Node's recursive way never returns where a file system takes
 * none, as /proc. Returns what removes those made, as far as they are empty. Throws what `fs` throws, and leaves none behind.
 */
export function makeFolders(path: string): () => void {
  const folders = [resolve(path)];
  for (let above = dirname(folders[0]!); !existsSync(above) && above !== dirname(above); above = dirname(above))
    folders.unshift(above);
  const made: string[] = [];
  const remove = (): void => {
    try {
      for (const folder of made.toReversed()) rmdirSync(folder);
    } catch {
      // Something else lies there by now.
    }
  };
  try {
    for (const folder of folders) if (makeFolder(folder)) made.push(folder);
    return remove;
  } catch (error) {
    remove();
    throw error;
  }
}

/** False for a folder that is there, which another process may have made at this moment. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}
