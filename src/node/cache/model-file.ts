import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { cacheFolder, cachePath } from '../cache-folder.ts';
import { reasonOf } from '../files.ts';
import { writeWhole } from '../write-whole.ts';
import { sha256Of } from './digest.ts';
import { hashOf } from './graph-key.ts';

/** A model file by its content. */
export type ModelFile = { readonly path: string; readonly bytes: number; readonly sha256: string };

/** Smaller files are hashed again sooner than a note of their hash is read, and gain nothing from a kept graph. */
export const LARGE_MODEL: number = 4 * 2 ** 20;

/** A file changed later than this before it was hashed may change again without a new time of change. */
const SETTLED_MS = 2000;

const PURPOSE = 'hashes';

/**
 * Size and SHA-256 of a model file. The hash of a large one is noted in the cache and holds while the file's size, inode and times stay
 * as they are. Throws `io` or, for what is no file, `input`.
 */
export function modelFile(path: string): ModelFile {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isFile()) {
      const found = stats.isDirectory() ? 'a folder' : 'no regular file';
      throw new ResedgeError('input', `${path}: expected an ONNX model, found ${found}`);
    }
    const bytes = Number(stats.size);
    if (bytes < LARGE_MODEL) return { path, bytes, sha256: sha256Of(path) };
    const real = realpathSync(path);
    const identity = [real, stats.size, stats.dev, stats.ino, stats.mtimeNs, stats.ctimeNs].join(' ');
    const name = `${hashOf([real]).slice(0, 32)}.json`;
    const known = readNote(name, identity);
    if (known !== undefined) return { path, bytes, sha256: known };
    const settled = Date.now() - Number(stats.ctimeMs) > SETTLED_MS;
    const sha256 = sha256Of(path);
    if (settled) writeNote(name, { identity, sha256 });
    return { path, bytes, sha256 };
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    throw new ResedgeError('io', `${path}: expected an ONNX model, ${reasonOf(error)}`, { cause: error });
  }
}

function readNote(name: string, identity: string): string | undefined {
  const folder = cachePath(PURPOSE);
  if (folder === undefined) return undefined;
  try {
    const note: { readonly identity?: string; readonly sha256?: string } = JSON.parse(
      readFileSync(join(folder, name), 'utf8'),
    );
    return note.identity === identity ? note.sha256 : undefined;
  } catch {
    // Not noted, or damaged: the file itself tells.
    return undefined;
  }
}

function writeNote(name: string, note: { readonly identity: string; readonly sha256: string }): void {
  const folder = cacheFolder(PURPOSE);
  if (folder.kind === 'fault') return;
  try {
    writeWhole(join(folder.path, name), [new TextEncoder().encode(JSON.stringify(note))]);
  } catch {
    // Whoever keeps a graph in the same cache says why nothing can be written.
  }
}
