import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { explainOpen, explainRun, type Fault, oneLine } from '../../runtime/explain.ts';
import { toOrtData } from '../../runtime/ort-data.ts';
import { queue } from '../../runtime/queue.ts';
import { tensorInfo } from '../../runtime/tensor-info.ts';
import type { ModelSource } from '../../runtime/types.ts';
import type { DType } from '../../tensor/dtype.ts';
import { explainMissing } from './explain.ts';
import { toOrtOptions, wasmThreads } from './options.ts';
import { loadOrt, type Ort, type OrtSession, type OrtTensor } from './ort.ts';
import { preload } from './preload.ts';
import { OPENING, type OpenRequest, type Parcel, type Reply, type Request, unpack } from './protocol.ts';

const { library, model, options }: OpenRequest = workerData;
const where = model.kind === 'path' ? model.path : `${model.bytes.byteLength} bytes`;

function fail(fault: Fault): never {
  throw new ResedgeError(fault.code, fault.message);
}

function faultOf(error: unknown): Fault {
  return isResedgeError(error)
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: oneLine(error) };
}

function post(reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

function load(): Ort {
  try {
    preload(options.preload ?? []);
    const ort = loadOrt(library);
    ort.env.logLevel = 'fatal';
    if (library === 'onnxruntime-web') ort.env.wasm.numThreads = wasmThreads(options);
    return ort;
  } catch (error) {
    if (isResedgeError(error)) throw error;
    return fail(explainMissing(library, error));
  }
}

function checkFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    fail({ code: 'io', message: `expected a model file at ${path}, there is none: check the path` });
  if (!stat.isFile())
    fail({ code: 'input', message: `expected a model file at ${path}, it is not a file: name the .onnx file` });
}

/** The native library maps and reads files itself; WASM has no file system. */
async function toOrtSource(source: ModelSource): Promise<string | Uint8Array> {
  if (source.kind === 'bytes') return source.bytes;
  checkFile(source.path);
  return library === 'onnxruntime-node' ? source.path : await readFile(source.path);
}

async function open(ort: Ort): Promise<OrtSession> {
  try {
    return await ort.InferenceSession.create(await toOrtSource(model), toOrtOptions(library, options));
  } catch (error) {
    if (isResedgeError(error)) throw error;
    return fail(explainOpen(error, library, options.provider, where));
  }
}

function toParcel(name: string, { type, dims, data }: OrtTensor): Parcel {
  const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  const buffer = whole ? data.buffer : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
  return { name, dtype: type as DType, dims, buffer: buffer as ArrayBuffer };
}

async function run(ort: Ort, session: OrtSession, request: Request & { readonly kind: 'run' }): Promise<void> {
  const feeds: Record<string, OrtTensor> = {};
  for (const parcel of request.feeds)
    feeds[parcel.name] = new ort.Tensor(parcel.dtype, toOrtData(unpack(parcel)), parcel.dims);
  const spent = request.feeds.map((parcel) => parcel.buffer);
  try {
    const start = performance.now();
    const results = await session.run(feeds, request.outputs);
    const ms = performance.now() - start;
    const outputs = request.outputs.map((name) => toParcel(name, results[name]!));
    // Outputs may share memory, as a Flatten's does with its input's.
    const buffers = new Set([...outputs.map((parcel) => parcel.buffer), ...spent]);
    post({ kind: 'done', id: request.id, outputs, ms, spent }, [...buffers]);
  } catch (error) {
    post({ kind: 'fault', id: request.id, fault: explainRun(error, where) });
  }
}

/** Requests are answered strictly one after the other, so that `ms` is one inference and `close` comes last. */
function serve(ort: Ort, session: OrtSession): void {
  const inTurn = queue();
  parentPort?.on('message', (request: Request) => {
    inTurn(async () => {
      if (request.kind === 'run') return await run(ort, session, request);
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
      return post({ kind: 'closed', id: request.id });
    }).catch((error) => post({ kind: 'fault', id: request.id, fault: faultOf(error) }));
  });
}

try {
  const ort = load();
  const session = await open(ort);
  const inputs = session.inputMetadata.map((value) => tensorInfo(value, where));
  const outputs = session.outputMetadata.map((value) => tensorInfo(value, where));
  serve(ort, session);
  post({ kind: 'opened', id: OPENING, inputs, outputs });
} catch (error) {
  post({ kind: 'fault', id: OPENING, fault: faultOf(error) });
}
