import { Worker } from 'node:worker_threads';
import { OPENING, type OpenRequest, type Request } from './protocol.ts';

/** The longest that a process waits at its end for a library to be loaded. */
const PREPARED_MS = 2000;

/** Started before it was known what it opens. */
let prepared: Worker | undefined;

/**
 * Starts worker.js of the package, or worker.ts of a checkout through its loader.
 *
 * ONNX Runtime's native Linux build reports usage over the network and writes files into the temporary folder, unless this
 * variable is set in the process itself (a worker's own copy does not reach native code). A user's own value stands.
 */
function start(): Worker {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const entry = import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js';
  return new Worker(new URL(entry, import.meta.url));
}

/**
 * Starts the worker of the next session while its model is still being chosen, and lets it load the native library. It keeps no
 * process alive, and what fails in it fails again, with its reason, when a model is opened.
 */
export function prepareWorker(): void {
  if (prepared !== undefined) return;
  const worker = start();
  let alive = true;
  const forget = (): void => {
    alive = false;
    if (prepared === worker) prepared = undefined;
  };
  worker.on('error', forget);
  worker.on('exit', forget);
  const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  // A thread that is stopped while native code starts takes the whole process down.
  process.once('exit', () => void (alive && Atomics.wait(done, 0, 0, PREPARED_MS)));
  worker.postMessage({ kind: 'prepare', id: OPENING, done } satisfies Request);
  worker.unref();
  prepared = worker;
}

/** Ends the worker that was prepared and that nothing has taken, once it has loaded its library. */
export function dismissWorker(): void {
  prepared?.postMessage({ kind: 'close', id: OPENING } satisfies Request);
  prepared = undefined;
}

/** The worker that holds a model, the prepared one if there is one. The model's bytes change hands. */
export function startWorker(request: OpenRequest): Worker {
  const worker = prepared ?? start();
  prepared = undefined;
  const { model } = request;
  const given = model.kind === 'bytes' ? [model.bytes.buffer as ArrayBuffer] : [];
  worker.postMessage({ kind: 'open', id: OPENING, request } satisfies Request, given);
  return worker;
}
