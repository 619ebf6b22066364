import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import type { ModelSource, TensorInfo } from '../../runtime/types.ts';
import type { DType, TensorData } from '../../tensor/dtype.ts';
import { explainMissing, explainOpen, explainRun, oneLine } from './explain.ts';
import { toOrtOptions, wasmThreads } from './options.ts';
import { loadOrt, type Ort, type OrtSession, type OrtTensor, type OrtValue } from './ort.ts';
import { type Fault, OPENING, type OpenRequest, type Parcel, type Reply, type Request, viewOf } from './protocol.ts';

const DTYPES: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float16',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'bool',
]);

const isDType = (type: string): type is DType => DTYPES.has(type);

const { library, model, options }: OpenRequest = workerData;
const where = model.kind === 'path' ? model.path : `${model.bytes.byteLength} bytes`;

function fail(fault: Fault): never {
  throw new ResedgeError(fault.code, fault.message);
}

function post(reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

function load(): Ort {
  try {
    const ort = loadOrt(library);
    ort.env.logLevel = 'fatal';
    if (library === 'onnxruntime-web') ort.env.wasm.numThreads = wasmThreads(options);
    return ort;
  } catch (error) {
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

function infoOf(value: OrtValue): TensorInfo {
  const type = value.isTensor ? value.type : 'no tensor';
  if (!isDType(type))
    return fail({
      code: 'unsupported',
      message: `expected one of ${[...DTYPES].join(', ')} for ${value.name} in ${where}, came ${type}`,
    });
  return { name: value.name, dtype: type, dims: value.shape.map((dim) => (dim === '' ? '?' : dim)) };
}

async function open(ort: Ort): Promise<OrtSession> {
  try {
    return await ort.InferenceSession.create(await toOrtSource(model), toOrtOptions(library, options));
  } catch (error) {
    if (isResedgeError(error)) throw error;
    return fail(explainOpen(error, library, options.provider, where));
  }
}

/** ONNX Runtime wants a Float16Array where the engine has one. */
function toOrtData({ dtype, buffer }: Parcel): TensorData {
  const { Float16Array: native } = globalThis as { Float16Array?: new (buffer: ArrayBuffer) => Uint16Array };
  return dtype === 'float16' && native !== undefined ? new native(buffer) : viewOf(dtype, buffer);
}

function toParcel(name: string, { type, dims, data }: OrtTensor): Parcel {
  const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  const buffer = whole ? data.buffer : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
  return { name, dtype: type as DType, dims, buffer: buffer as ArrayBuffer };
}

async function run(ort: Ort, session: OrtSession, request: Request & { readonly kind: 'run' }): Promise<void> {
  const feeds: Record<string, OrtTensor> = {};
  for (const parcel of request.feeds) feeds[parcel.name] = new ort.Tensor(parcel.dtype, toOrtData(parcel), parcel.dims);
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
  let last: Promise<void> = Promise.resolve();
  parentPort?.on('message', (request: Request) => {
    last = last.then(async () => {
      if (request.kind === 'run') return await run(ort, session, request);
      await session.release();
      return post({ kind: 'closed', id: request.id });
    });
  });
}

try {
  const ort = load();
  const session = await open(ort);
  const inputs = session.inputMetadata.map(infoOf);
  const outputs = session.outputMetadata.map(infoOf);
  serve(ort, session);
  post({ kind: 'opened', id: OPENING, inputs, outputs });
} catch (error) {
  post({
    kind: 'fault',
    id: OPENING,
    fault: isResedgeError(error)
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: oneLine(error) },
  });
}
