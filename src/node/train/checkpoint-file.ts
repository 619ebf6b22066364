import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Architecture } from '../../../converter/resnet/architecture.ts';
import {
  type Checkpoint,
  encodeCheckpoint,
  type Fit,
  looksLikeCheckpoint,
  parseCheckpoint,
  type TrainingIdentity,
} from '../../../converter/train/checkpoint.ts';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { readBytes, reasonOf } from '../files.ts';
import { locked } from '../hub/lock.ts';
import { makeFolders } from '../make-folders.ts';
import { writeWhole } from '../write-whole.ts';

/** Where the checkpoints of weights stand that nobody named another place for: beside them. */
export function checkpointBeside(output: string): string {
  return `${output.replace(/\.safetensors$/, '')}.checkpoint`;
}

/**
 * The checkpoint at `path`, undefined where there is none or where none is wanted. Throws one line that names it where it does not fit,
 * where it is damaged, and for a file of something else, which is never replaced.
 */
export function readCheckpoint(
  path: string,
  architecture: Architecture,
  identity: TrainingIdentity,
  fit: Fit | undefined,
): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readBytes(path, 'a checkpoint');
  if (!looksLikeCheckpoint(bytes)) {
    throw new ResedgeError(
      'input',
      `${path}: expected a checkpoint of resedge train, found another file: name another with --checkpoint, or remove it`,
    );
  }
  if (fit === undefined) return undefined;
  try {
    return parseCheckpoint(bytes, architecture, identity, fit);
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    const { code, message } = error;
    throw new ResedgeError(
      code,
      `${path}: ${message}; name another with --checkpoint, or begin anew with --no-resume`,
      {
        cause: error,
      },
    );
  }
}

/** Replaces the checkpoint at `path` whole or not at all. Throws `io` saying what is kept. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint, identity: TrainingIdentity): void {
  try {
    writeWhole(path, encodeCheckpoint(checkpoint, identity));
  } catch (error) {
    if (!isResedgeError(error, 'io')) throw error;
    const epoch = checkpoint.records.length;
    const kept =
      epoch > 1
        ? `epoch ${epoch - 1} is kept in it, make room and start again to go on from there`
        : 'make room for it';
    const reason = reasonOf(error.cause);
    throw new ResedgeError('io', `${path}: the checkpoint of epoch ${epoch} could not be written, ${reason}: ${kept}`, {
      cause: error,
    });
  }
}

/** Does `action` while no other process uses the checkpoint at `path`. */
export async function withCheckpoint<T>(path: string, action: () => Promise<T>): Promise<T> {
  const removeFolders = makeFolders(dirname(path));
  try {
    return await locked(`${path}.lock`, path, action, 'is training with it');
  } catch (error) {
    removeFolders();
    throw error;
  }
}
