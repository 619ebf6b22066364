import { constants, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ResedgeError } from '../../errors.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';
import { reasonOf } from '../files.ts';
import type { Sink } from './types.ts';

type Write = (bytes: Uint8Array) => Promise<number>;

const STDOUT = 1;
const writeTo = promisify(write);

/** Appends each event to a file as one line of JSON. Throws `io` where the file cannot be opened. */
export async function openLines(path: string): Promise<Sink<CameraEvent>> {
  const file = await openToAppend(path);
  return {
    name: path,
    deliver: lineWriter(async (bytes) => (await file.write(bytes)).bytesWritten),
    close: () => file.close(),
  };
}

/**
 * Prints each event on standard output as one line of JSON, from another thread: a reader that is slow stalls nobody. `gone` is told where
 * there is no reader any more.
 */
export function openStdout(gone: (error: Error) => void): Sink<CameraEvent> {
  const deliver = lineWriter(async (bytes) => (await writeTo(STDOUT, bytes)).bytesWritten);
  return {
    name: 'standard output',
    deliver: async (event) => {
      try {
        await deliver(event);
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'EPIPE') throw error;
        gone(error);
        throw new ResedgeError('input', 'nobody reads it any more', { cause: error });
      }
    },
    close: async () => undefined,
  };
}

async function openToAppend(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // Without a reader, a pipe would keep the opening waiting.
    file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o666);
  } catch (cause) {
    throw new ResedgeError('io', `${path}: expected a file to append events to, ${reasonOf(cause)}`, { cause });
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new ResedgeError('io', `${path}: expected a file to append events to, it is no regular file`);
}

/** Writes an event whole: where a try ended in the middle, the next one for it goes on there. */
function lineWriter(write: Write): (event: CameraEvent) => Promise<void> {
  let begun: { readonly event: CameraEvent; rest: Uint8Array } | undefined;
  return async (event) => {
    if (begun?.event !== event) begun = { event, rest: new TextEncoder().encode(`${JSON.stringify(event)}\n`) };
    while (begun.rest.length > 0) begun.rest = begun.rest.subarray(await write(begun.rest));
  };
}
