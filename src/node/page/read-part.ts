import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';
import { PACKAGE_FOLDER } from '../package.ts';

/** A file that a page consists of. Throws `io`, naming the command that brings it. */
export function readPart(path: string, mend: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ResedgeError('io', `${path}: expected a part of the page, ${reasonOf(cause)}: ${mend}`, { cause });
  }
}

/** One that the build puts below `dist`. */
export function readBuilt(name: string): Buffer {
  return readPart(fileURLToPath(new URL(`dist/${name}`, PACKAGE_FOLDER)), 'npm run build');
}
