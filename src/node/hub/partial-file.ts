import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { ResedgeError } from '../../errors.ts';
import { eachChunk } from '../cache/digest.ts';
import { reasonOf } from '../files.ts';
import { type Digest, startDigest } from './check.ts';
import type { Check } from './types.ts';

/** A file on its way: `<path>.partial`, with a note beside it of what it is the beginning of. */
export type PartialFile = {
  readonly size: () => number;
  /** What the server calls this content (RFC 9110, section 8.8), for `If-Range`. */
  readonly validator: () => string | undefined;
  /** Takes note of a validator; the file is the beginning of that content from now on. */
  readonly belongsTo: (validator: string | undefined) => void;
  /** Throws `io` where it cannot be written, and leaves nothing. */
  readonly append: (chunk: Uint8Array) => void;
  /** Forgets what was received. */
  readonly restart: () => void;
  readonly digests: () => { readonly sha256: string; readonly git?: string };
  /** Gives the file its name. */
  readonly finish: () => void;
  /** Closes it and keeps it, to be resumed; an empty one is removed. */
  readonly keep: () => void;
};

/** Opens what an earlier pull left of `path`, or an empty file. `bytes` is the whole size where it is known. */
export function openPartial(path: string, check: Check, bytes: number | undefined): PartialFile {
  const partial = `${path}.partial`;
  const notePath = `${partial}.json`;
  const fail = (error: unknown): ResedgeError =>
    new ResedgeError('io', `${path}: could not be written, ${reasonOf(error)}`, { cause: error });
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw fail(error);
    }
  };
  const file = attempt(() => openSync(partial, 'a'));
  let note = readNote(notePath);
  if (note === undefined) ftruncateSync(file, 0);
  let size = fstatSync(file).size;
  let digest = attempt(() => digestOf(partial, check, bytes));
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  const remove = (): void => {
    close();
    rmSync(partial, { force: true });
    rmSync(notePath, { force: true });
  };
  return {
    size: () => size,
    validator: () => note?.validator,
    belongsTo: (validator) => {
      note = validator === undefined ? {} : { validator };
      attempt(() => writeFileSync(notePath, JSON.stringify(note)));
    },
    append: (chunk) => {
      try {
        for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
      } catch (error) {
        remove();
        throw fail(error);
      }
      digest.update(chunk);
      size += chunk.length;
    },
    restart: () => {
      attempt(() => ftruncateSync(file, 0));
      size = 0;
      digest = startDigest(check, bytes);
    },
    digests: () => digest.finish(),
    finish: () => {
      attempt(() => {
        fsyncSync(file);
        close();
        renameSync(partial, path);
      });
      rmSync(notePath, { force: true });
    },
    keep: () => {
      if (size === 0) remove();
      else close();
    },
  };
}

function digestOf(partial: string, check: Check, bytes: number | undefined): Digest {
  const digest = startDigest(check, bytes);
  eachChunk(partial, digest.update);
  return digest;
}

function readNote(path: string): { readonly validator?: string } | undefined {
  try {
    const { validator } = JSON.parse(readFileSync(path, 'utf8'));
    return typeof validator === 'string' ? { validator } : {};
  } catch {
    return undefined;
  }
}
