import { parentPort } from 'node:worker_threads';
import { isResedgeError } from '../../errors.ts';
import { explainRun, type Fault, oneLine } from '../../runtime/explain.ts';
import { toOrtData } from '../../runtime/ort-data.ts';
import { queue } from '../../runtime/queue.ts';
import { tensorInfo } from '../../runtime/tensor-info.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { OrtTensor } from './ort.ts';
import { OPENING, type OpenRequest, type Parcel, type Reply, type Request, unpack } from './protocol.ts';
import { type Opened, openHere, prepareHere } from './worker-open.ts';

function faultOf(error: unknown): Fault {
  return isResedgeError(error)
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: oneLine(error) };
}

function post(reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

function toParcel(name: string, { type, dims, data }: OrtTensor): Parcel {
  const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  const buffer = whole ? data.buffer : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
  return { name, dtype: type as DType, dims, buffer: buffer as ArrayBuffer };
}

async function run(
  { ort, session, where }: Opened,
  { id, feeds, outputs: asked }: Request & { readonly kind: 'run' },
): Promise<void> {
  const tensors: Record<string, OrtTensor> = {};
  for (const parcel of feeds)
    tensors[parcel.name] = new ort.Tensor(parcel.dtype, toOrtData(unpack(parcel)), parcel.dims);
  const spent = feeds.map((parcel) => parcel.buffer);
  try {
    const start = performance.now();
    const results = await session.run(tensors, asked);
    const ms = performance.now() - start;
    const outputs = asked.map((name) => toParcel(name, results[name]!));
    // Outputs may share memory, as a Flatten's does with its input's.
    const buffers = new Set([...outputs.map((parcel) => parcel.buffer), ...spent]);
    post({ kind: 'done', id, outputs, ms, spent }, [...buffers]);
  } catch (error) {
    post({ kind: 'fault', id, fault: explainRun(error, where) });
  }
}

/** Opens a model and gives what answers the requests after that. */
async function open(request: OpenRequest): Promise<(next: Request) => Promise<void>> {
  const opened = await openHere(request);
  const { session, where } = opened;
  const inputs = session.inputMetadata.map((value) => tensorInfo(value, where));
  const outputs = session.outputMetadata.map((value) => tensorInfo(value, where));
  post({ kind: 'opened', id: OPENING, inputs, outputs });
  return async (next) => {
    if (next.kind === 'run') return await run(opened, next);
    if (request.options.profile !== undefined) session.endProfiling();
    await session.release();
    return post({ kind: 'closed', id: next.id });
  };
}

const inTurn = queue();
let answer = async (request: Request): Promise<void> => {
  if (request.kind === 'open') answer = await open(request.request);
  else if (request.kind === 'prepare') await prepare(request.done);
  // Nothing was opened, and nothing keeps the thread.
  else parentPort?.close();
};

async function prepare(done: Int32Array): Promise<void> {
  try {
    await prepareHere();
  } finally {
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  }
}

/** Requests are answered strictly one after the other, so that `ms` is one inference and `close` comes last. */
parentPort?.on('message', (request: Request) => {
  inTurn(() => answer(request)).catch((error) => post({ kind: 'fault', id: request.id, fault: faultOf(error) }));
});
