import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { ResedgeError } from '../errors.ts';
import { explainOpen, explainRun, type Fault, oneLine } from '../runtime/explain.ts';
import { guard } from '../runtime/guard.ts';
import { toOrtData } from '../runtime/ort-data.ts';
import { queue } from '../runtime/queue.ts';
import { tensorInfo } from '../runtime/tensor-info.ts';
import type { Feeds, ModelSource, RunResult, Session, SessionOptions, TensorInfo } from '../runtime/types.ts';
import type { Tensor } from '../tensor/tensor.ts';

const NAME = 'onnxruntime-web';

/** One of onnxruntime-web's builds; they share an interface. */
export type OrtBuild = {
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: InferenceSession.SessionOptions) => Promise<InferenceSession>;
  };
  readonly Tensor: typeof OrtTensor;
  /** The files that it fetches, for errors. */
  readonly files: string;
};

/** What the library says when its own files do not come. */
const NO_FILES =
  /fetching of the wasm failed|dynamically imported module|initializeWebAssembly|importing a module script/i;

function fail({ code, message }: Fault, cause: unknown): never {
  throw new ResedgeError(code, message, { cause });
}

/** A model's bytes. Throws `usage` for a path, which a browser does not have. */
export function bytesOf(model: ModelSource): Uint8Array {
  if (model.kind === 'bytes') return model.bytes;
  throw new ResedgeError('usage', `expected a model as bytes, a browser has no path ${model.path}: fetch it first`);
}

async function create(ort: OrtBuild, bytes: Uint8Array, options: SessionOptions): Promise<InferenceSession> {
  const { optimize, provider, providerOptions = {}, strict } = options;
  const strictly = strict === true && provider !== 'wasm';
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: [{ ...providerOptions, name: provider } as InferenceSession.ExecutionProviderConfig],
      graphOptimizationLevel: optimize ? 'all' : 'disabled',
      // Fatal only: what goes wrong is thrown anyway.
      logSeverityLevel: 4,
      ...(strictly ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    });
  } catch (error) {
    const said = oneLine(error);
    if (NO_FILES.test(said)) {
      const message = `expected ONNX Runtime's WASM files, ${NAME} says: ${said}: serve its ${ort.files}, name their folder in wasmPaths, and load the page again`;
      return fail({ code: 'io', message }, error);
    }
    return fail(explainOpen(error, NAME, provider, `${bytes.length} bytes`), error);
  }
}

function toOrt(ort: OrtBuild, tensor: Tensor): OrtTensor {
  // The library's overloads want each type by its name; the pair is right for every one of them.
  return new ort.Tensor(tensor.dtype as 'uint8', toOrtData(tensor) as Uint8Array, tensor.dims);
}

function fromOrt({ dtype }: TensorInfo, { data, dims }: OrtTensor): Tensor {
  const { buffer, byteOffset, length } = data as Uint8Array;
  const own = dtype === 'float16' ? new Uint16Array(buffer, byteOffset, length) : data;
  return { dtype, dims, data: own } as Tensor;
}

/** Opens a model with one of the builds; `start` counts towards the time to load. */
export async function openWith(
  ort: OrtBuild,
  bytes: Uint8Array,
  options: SessionOptions,
  start: number,
): Promise<Session> {
  const where = `${bytes.length} bytes`;
  const session = await create(ort, bytes, options);
  const inputs = session.inputMetadata.map((value) => tensorInfo(value, where));
  const outputs = session.outputMetadata.map((value) => tensorInfo(value, where));
  const inTurn = queue();

  const infer = async (feeds: Feeds, asked: readonly string[]): Promise<RunResult> => {
    const given = Object.fromEntries(inputs.map(({ name }) => [name, toOrt(ort, feeds[name]!)]));
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
