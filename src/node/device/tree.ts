import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A machine's files: `/`, or a folder that holds copies of another machine's. */
export type Tree = {
  /** A small text file, or undefined where it is not there or may not be read. */
  readonly read: (path: string) => string | undefined;
  /** The names in a folder, sorted; none where it is not there. */
  readonly list: (folder: string) => readonly string[];
};

export function treeAt(root: string): Tree {
  return {
    read: (path) => {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return undefined;
      }
    },
    list: (folder) => {
      try {
        return readdirSync(join(root, folder)).sort();
      } catch {
        return [];
      }
    },
  };
}
