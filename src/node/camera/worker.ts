import { parentPort, workerData } from 'node:worker_threads';
import { isResedgeError } from '../../errors.ts';
import { oneLine } from '../../runtime/explain.ts';
import { captureCommand } from './capture-command.ts';
import { captureStdin } from './capture-stdin.ts';
import { createStore } from './frame-store.ts';
import type { CaptureEvent, CaptureRequest } from './protocol.ts';

const { name, plan }: CaptureRequest = workerData;
const stopping = new AbortController();

function post(event: CaptureEvent): void {
  parentPort?.postMessage(event);
}

async function capture(): Promise<void> {
  const store = createStore(post);
  const { signal } = stopping;
  switch (plan.kind) {
    case 'command':
      return await captureCommand(name, plan, store, post, signal);
    case 'stdin':
      return await captureStdin(plan.shape, store, signal);
    case 'test': {
      const { captureTest } = await import('./capture-made.ts');
      return await captureTest(plan.size, plan.fps, store, signal);
    }
    case 'folder': {
      const { captureFolder } = await import('./capture-made.ts');
      return await captureFolder(plan.path, plan.size, plan.fps, store, post, signal);
    }
  }
}

// The one message that comes means: stop.
parentPort?.once('message', () => stopping.abort());
try {
  await capture();
  post({ kind: 'ended' });
} catch (error) {
  const fault = isResedgeError(error)
    ? { code: error.code, message: error.message }
    : ({ code: 'internal', message: oneLine(error) } as const);
  post({ kind: 'failed', fault });
}
parentPort?.close();
