import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { ResedgeError } from '../errors.ts';
import { explainOpen, explainRun, type Fault, oneLine } from '../runtime/explain.ts';
import { guard } from '../runtime/guard.ts';
import { toOrtData } from '../runtime/ort-data.ts';
import { queue } from '../runtime/queue.ts';
import { tensorInfo } from '../runtime/tensor-info.ts';
import type {
  Availability,
  Backend,
  Feeds,
  ModelSource,
  Provider,
  RunResult,
  Session,
  SessionOptions,
  TensorInfo,
} from '../runtime/types.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { hasWasmSimd } from './simd.ts';
import { startWasm, type WasmSettings } from './start-wasm.ts';

const NAME = 'onnxruntime-web';

/** What the library says when its own files do not come. */
const NO_FILES =
  /fetching of the wasm failed|dynamically imported module|initializeWebAssembly|importing a module script/i;

async function available(provider: Provider): Promise<Availability> {
  if (provider !== 'wasm')
    return { available: false, reason: `${NAME}'s WASM build in a browser has wasm, not ${provider}` };
  return hasWasmSimd()
    ? { available: true }
    : { available: false, reason: 'this browser has no WebAssembly SIMD: take a newer one' };
}

function fail({ code, message }: Fault, cause: unknown): never {
  throw new ResedgeError(code, message, { cause });
}

function bytesOf(model: ModelSource): Uint8Array {
  if (model.kind === 'bytes') return model.bytes;
  throw new ResedgeError('usage', `expected a model as bytes, a browser has no path ${model.path}: fetch it first`);
}

async function create(bytes: Uint8Array, { optimize }: SessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: optimize ? 'all' : 'disabled',
      // Fatal only: what goes wrong is thrown anyway.
      logSeverityLevel: 4,
    });
  } catch (error) {
    const said = oneLine(error);
    if (NO_FILES.test(said)) {
      const message = `expected ONNX Runtime's WASM files, ${NAME} says: ${said}: serve its ort-wasm-simd-threaded.mjs and .wasm, name their folder in wasmPaths, and load the page again`;
      return fail({ code: 'io', message }, error);
    }
    return fail(explainOpen(error, NAME, 'wasm', `${bytes.length} bytes`), error);
  }
}

function toOrt(tensor: Tensor): OrtTensor {
  // The library's overloads want each type by its name; the pair is right for every one of them.
  return new OrtTensor(tensor.dtype as 'uint8', toOrtData(tensor) as Uint8Array, tensor.dims);
}

function fromOrt({ dtype }: TensorInfo, { data, dims }: OrtTensor): Tensor {
  const { buffer, byteOffset, length } = data as Uint8Array;
  const own = dtype === 'float16' ? new Uint16Array(buffer, byteOffset, length) : data;
  return { dtype, dims, data: own } as Tensor;
}

async function open(model: ModelSource, options: SessionOptions, settings: WasmSettings): Promise<Session> {
  const present = await available(options.provider);
  if (!present.available) throw new ResedgeError('unavailable', present.reason);
  const start = performance.now();
  const bytes = bytesOf(model);
  const where = `${bytes.length} bytes`;
  startWasm(options.threads, settings);
  const session = await create(bytes, options);
  const inputs = session.inputMetadata.map((value) => tensorInfo(value, where));
  const outputs = session.outputMetadata.map((value) => tensorInfo(value, where));
  const inTurn = queue();

  const infer = async (feeds: Feeds, asked: readonly string[]): Promise<RunResult> => {
    const given = Object.fromEntries(inputs.map(({ name }) => [name, toOrt(feeds[name]!)]));
    const started = performance.now();
    const results = await session.run(given, asked).catch((error) => fail(explainRun(error, where), error));
    const ms = performance.now() - started;
    const fetched = outputs.filter(({ name }) => asked.includes(name));
    return { outputs: Object.fromEntries(fetched.map((info) => [info.name, fromOrt(info, results[info.name]!)])), ms };
  };
  return guard({
    backend: NAME,
    provider: options.provider,
    inputs,
    outputs,
    loadMs: performance.now() - start,
    run: (feeds, asked) => inTurn(() => infer(feeds, asked)),
    close: () => inTurn(() => session.release()),
  });
}

/**
 * ONNX Runtime's WASM SIMD build in a page or a Web Worker. An inference occupies the thread that asks for it, so a page that shall
 * stay lively opens its models in a worker.
 */
export function createWasmBackend(settings: WasmSettings = {}): Backend {
  return { name: NAME, available, open: (model, options) => open(model, options, settings) };
}
