import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { ResedgeError } from '../../errors.ts';
import { type FrameShape, planesOf } from '../../image/frame.ts';
import { splitRaw } from '../../pipeline/split-frames.ts';
import { reasonOf } from '../files.ts';
import type { FrameStore } from './frame-store.ts';

const STDIN = 0;

/** Reads raw frames from stdin to its end. Throws `input` where it does not end after a whole frame, or is no pipe or file. */
export async function captureStdin(shape: FrameShape, store: FrameStore, stopping: AbortSignal): Promise<void> {
  const { bytes } = planesOf(shape);
  const what = `${shape.format} frames of ${shape.width}x${shape.height} (${bytes} bytes each)`;
  if (isatty(STDIN)) throw new ResedgeError('usage', `stdin: expected ${what}, it is a terminal: pipe them in`);
  const splitter = splitRaw(shape, store);
  const stream = openStdin();
  const stop = (): void => void stream.destroy();
  stopping.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      stream.on('data', (chunk: Buffer) => splitter.push(chunk));
      stream.on('error', reject).on('end', resolve).on('close', resolve);
      if (stopping.aborted) stop();
    });
  } catch (cause) {
    throw new ResedgeError('io', `stdin: expected ${what}, ${reasonOf(cause)}`, { cause });
  }
  const { frames, rest } = splitter.end();
  if (stopping.aborted || (rest === 0 && frames > 0)) return;
  const came = frames === 0 && rest === 0 ? 'nothing came' : `it ended ${rest} bytes into frame ${frames}`;
  throw new ResedgeError('input', `stdin: expected ${what}, ${came}: check --size and --format`);
}

function openStdin(): Readable {
  const stats = fstatSync(STDIN);
  return stats.isFIFO() || stats.isSocket()
    ? new Socket({ fd: STDIN, readable: true, writable: false })
    : createReadStream('', { fd: STDIN, autoClose: false });
}
