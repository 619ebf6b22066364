import { Worker } from 'node:worker_threads';
import type { OpenRequest } from './protocol.ts';

/** Starts worker.js of the package, or worker.ts of a checkout through its loader. The model's bytes change hands. */
export function startWorker(request: OpenRequest): Worker {
  const entry = import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js';
  return new Worker(new URL(entry, import.meta.url), {
    workerData: request,
    transferList: request.model.kind === 'bytes' ? [request.model.bytes.buffer as ArrayBuffer] : [],
  });
}
