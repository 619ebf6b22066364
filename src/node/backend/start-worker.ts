import { Worker } from 'node:worker_threads';
import type { OpenRequest } from './protocol.ts';

/**
 * Starts worker.js of the package, or worker.ts of a checkout through its loader. The model's bytes change hands.
 *
 * ONNX Runtime's native Linux build reports usage over the network and writes files into the temporary folder, unless this
 * variable is set in the process itself (a worker's own copy does not reach native code). A user's own value stands.
 */
export function startWorker(request: OpenRequest): Worker {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const entry = import.meta.url.endsWith('.ts') ? './worker-source.mjs' : './worker.js';
  return new Worker(new URL(entry, import.meta.url), {
    workerData: request,
    transferList: request.model.kind === 'bytes' ? [request.model.bytes.buffer as ArrayBuffer] : [],
  });
}
