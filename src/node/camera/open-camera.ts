import { Worker } from 'node:worker_threads';
import { ResedgeError } from '../../errors.ts';
import { type FrameReader, slotReader } from '../../pipeline/latest-frame.ts';
import type { Frame, FrameSource } from '../../pipeline/types.ts';
import { quickProfile } from '../device/quick-profile.ts';
import { type CaptureOptions, planCapture } from './plan-capture.ts';
import type { CaptureEvent, CaptureRequest } from './protocol.ts';
import { parseSource } from './source.ts';

export type CameraOptions = CaptureOptions & {
  /** Is told, in one line, when the source is lost, when it is back, and of what had to be left out. */
  readonly notify?: (message: string) => void;
};

/** A capturing thread that does not end when asked to is ended after this time. */
const GRACE_MS = 400;

/**
 * Opens a source of frames, named as `resedge camera` takes it and captured in a thread of its own. What goes wrong later, the source's
 * first frame included, rejects `next`. Throws `io` and `unavailable` where the source or a program for it is missing, and `usage` for
 * options that do not fit it. `auto` takes size and rate from the device's profile.
 */
export async function openCamera(source: string, options: CameraOptions = {}): Promise<FrameSource> {
  const { camera } = (await quickProfile()).profile;
  const byDefault = source === 'auto' ? camera : undefined;
  const { size = byDefault, fps = byDefault?.fps, notify = () => undefined } = options;
  return startCapture(await planCapture(parseSource(source, camera), { ...options, size, fps }), notify);
}

function startWorker(request: CaptureRequest): Worker {
  const entry = import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js';
  return new Worker(new URL(entry, import.meta.url), { workerData: request });
}

type Waiting = { readonly resolve: (frame: Frame | undefined) => void; readonly reject: (error: ResedgeError) => void };

function startCapture(request: CaptureRequest, notify: (message: string) => void): FrameSource {
  const worker = startWorker(request);
  const counted = { captured: 0, dropped: 0, reconnects: 0 };
  let reader: FrameReader | undefined;
  let waiting: Waiting | undefined;
  let failure: ResedgeError | undefined;
  let over = false;
  let closing: Promise<void> | undefined;
  let child: number | undefined;

  /** Gives the one who waits what there is. */
  const serve = (): void => {
    reader?.want();
    const frame = reader?.take(performance.timeOrigin);
    if (frame !== undefined) waiting?.resolve(frame);
    else if (failure !== undefined) waiting?.reject(failure);
    else if (over) waiting?.resolve(undefined);
    else return;
    waiting = undefined;
  };
  const end = (error?: ResedgeError): void => {
    if (over) return;
    over = true;
    failure = closing === undefined ? error : undefined;
    if (waiting) serve();
  };
  const killChild = (): void => {
    if (child === undefined) return;
    try {
      process.kill(child, 'SIGTERM');
    } catch {
      // It has ended already.
    }
  };
  const onEvent = (event: CaptureEvent): void => {
    switch (event.kind) {
      case 'slots':
        counted.captured += reader?.captured() ?? 0;
        counted.dropped += reader?.dropped() ?? 0;
        reader = slotReader(event.slots);
        if (waiting) serve();
        return;
      case 'frame':
        if (waiting) serve();
        return;
      case 'child':
        child = event.pid;
        if (closing !== undefined) killChild();
        return;
      case 'lost':
        counted.reconnects++;
        notify(event.message);
        return;
      case 'back':
        notify(`${request.name}: back`);
        return;
      case 'skipped':
        notify(`skipped ${event.message}`);
        return;
      case 'ended':
        end();
        return;
      case 'failed':
        end(new ResedgeError(event.fault.code, event.fault.message));
        return;
    }
  };
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const died = (how: string): void =>
    end(new ResedgeError('internal', `${request.name}: expected the capturing thread to go on, ${how}`));
  worker.on('message', onEvent);
  worker.on('error', (error) => died(`it failed: ${error instanceof Error ? error.message : String(error)}`));
  worker.on('exit', (code) => died(`it ended with exit code ${code}`));
  process.on('exit', killChild);

  const close = async (): Promise<void> => {
    worker.postMessage('stop');
    killChild();
    over = true;
    failure = undefined;
    waiting?.resolve(undefined);
    waiting = undefined;
    const late = setTimeout(() => void worker.terminate(), GRACE_MS);
    await gone;
    clearTimeout(late);
    process.off('exit', killChild);
  };
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (closing !== undefined) return resolve(undefined);
        waiting = { resolve, reject };
        return serve();
      }),
    hasNewer: () => reader?.hasNewer() ?? false,
    counts: () => ({
      captured: counted.captured + (reader?.captured() ?? 0),
      dropped: counted.dropped + (reader?.dropped() ?? 0),
      reconnects: counted.reconnects,
    }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
