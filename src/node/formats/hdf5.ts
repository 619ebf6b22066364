import { Worker } from 'node:worker_threads';
import type { Hdf5 } from '../../../converter/keras/types.ts';
import { type ErrorCode, ResedgeError } from '../../errors.ts';
import type { Tree } from './hdf5-tree.ts';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** True for a file that opens as HDF5 does, or has a user's block of a power of two bytes in front. */
export function looksLikeHdf5(bytes: Uint8Array): boolean {
  const at = (start: number): boolean => SIGNATURE.every((byte, i) => bytes[start + i] === byte);
  if (at(0)) return true;
  for (let start = 512; start < Math.min(bytes.length, 2 ** 16); start *= 2) if (at(start)) return true;
  return false;
}

/** What the reading thread says. */
export type Hdf5Answer =
  | { readonly kind: 'tree'; readonly tree: Tree }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** How long a file may take: half a minute, and one second for every 10 MB. */
const patienceFor = (bytes: number): number => 30_000 + bytes / 10_000;

/**
 * The texts and numbers of an HDF5 file, read in a thread of its own, which is stopped after `patience` milliseconds. Throws `input`
 * for a file that is damaged or whose data lies in other files; `limit` as its name says.
 */
export async function readHdf5(bytes: Uint8Array, patience: number = patienceFor(bytes.length)): Promise<Hdf5> {
  const own = bytes.slice();
  const entry = import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js';
  // What the library prints is about its own insides: the answer says what is wrong.
  const quiet = { stdout: true, stderr: true };
  const worker = new Worker(new URL(entry, import.meta.url), {
    ...{ workerData: own, transferList: [own.buffer] },
    ...quiet,
  });
  try {
    const answer = await answerOf(worker, patience);
    if (answer.kind === 'failed') throw new ResedgeError(answer.code, answer.message);
    return hdf5Of(answer.tree);
  } finally {
    await worker.terminate();
  }
}

/** What a thread handed over, as the converter takes it. */
export function hdf5Of({ attributes, arrays }: Tree): Hdf5 {
  const opened = [...arrays].map(
    ([path, { dims, data }]) => [path, { dtype: 'float32', dims, read: () => data }] as const,
  );
  return { attributes, arrays: new Map(opened) };
}

function answerOf(worker: Worker, patience: number): Promise<Hdf5Answer> {
  const failed = (reason: string): Hdf5Answer => ({
    kind: 'failed',
    code: 'input',
    message: `expected a whole HDF5 file, ${reason}: download or save it again`,
  });
  return new Promise((resolve) => {
    const late = setTimeout(
      () => resolve(failed(`reading it came to no end within ${Math.round(patience / 1000)} s`)),
      patience,
    );
    const settle = (answer: Hdf5Answer): void => {
      clearTimeout(late);
      resolve(answer);
    };
    worker.once('message', settle);
    worker.once('error', (error) => settle(failed(`reading it failed (${error.message.split('\n')[0]})`)));
    worker.once('exit', () => settle(failed('reading it broke off')));
  });
}
