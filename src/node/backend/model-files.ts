import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import type { ModelSource } from '../../runtime/types.ts';
import { externalize } from './externalize.ts';

const MODEL_FILE = 'model.onnx';
const WEIGHTS_FILE = 'weights.bin';

/** A model ready to be opened, its size with all weights, and how to remove what was written for it. */
export type StagedModel = { readonly source: ModelSource; readonly size: number; readonly remove: () => void };

function ioError(error: unknown): ResedgeError {
  return new ResedgeError(
    'io',
    `expected room for a temporary model in ${tmpdir()}, ${String(error)}: free some or set TMPDIR`,
    {
      cause: error,
    },
  );
}

/** Runs file operations; what they throw becomes code `io`. */
function io<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw ioError(error);
  }
}

function writeAll(file: number, part: Uint8Array, position: number): void {
  for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done, position + done);
}

/**
 * Reads a model's chunks once. Large tensors go straight to a file in a new temporary folder, with the model beside it; a model
 * without large tensors stays in memory. After an error nothing is left behind.
 */
export function stageModel(chunks: Iterable<Uint8Array>): StagedModel {
  let folder: string | undefined;
  let weights: number | undefined;
  let end = 0;
  const remove = (): void => {
    try {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Windows keeps a mapped file; the result at hand matters more.
    }
  };
  const write = (part: Uint8Array, position: number): void =>
    io(() => {
      folder ??= mkdtempSync(join(tmpdir(), 'resedge-'));
      weights ??= openSync(join(folder, WEIGHTS_FILE), 'wx', 0o600);
      writeAll(weights, part, position);
      end = position + part.length;
    });
  const close = (): void => {
    if (weights !== undefined) closeSync(weights);
    weights = undefined;
  };
  try {
    const bytes = externalize(chunks, WEIGHTS_FILE, write);
    close();
    const size = bytes.length + end;
    if (folder === undefined) return { source: { kind: 'bytes', bytes }, size, remove };
    const path = join(folder, MODEL_FILE);
    io(() => writeFileSync(path, bytes));
    return { source: { kind: 'path', path }, size, remove };
  } catch (error) {
    close();
    remove();
    throw error;
  }
}

/** Calls `use` with a new temporary folder, which is removed afterwards. Throws `io` where none can be made. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = io(() => mkdtempSync(join(tmpdir(), 'resedge-')));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
