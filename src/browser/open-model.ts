import { identify } from '../onnx/identify.ts';
import type { ModelMetadata } from '../onnx/metadata.ts';
import { type OpenChoice, openSession } from '../runtime/open.ts';
import type { Session } from '../runtime/types.ts';
import { fetchModel, type ModelInput } from './fetch-model.ts';
import { threadsHere, type WasmSettings } from './start-wasm.ts';
import { createWasmBackend } from './wasm.ts';

export type OpenModelOptions = WasmSettings & {
  /** Threads inside one inference; default: half of the cores, at most 4. */
  readonly threads?: number;
};

/** A model ready to classify, and what was chosen to run it. */
export type OpenedModel = {
  /** Its address or file name. */
  readonly name: string;
  readonly metadata: ModelMetadata;
  readonly session: Session;
  readonly choice: OpenChoice;
  /** Threads in use. */
  readonly threads: number;
  /** What a user should know, one line each. */
  readonly warnings: readonly string[];
};

/**
 * Opens a model made by `convert` in this page or Web Worker. Throws `input` for something that is not such a model, naming what it lacks,
 * `io` where it or ONNX Runtime's files cannot be fetched, and `unavailable` in a browser without WebAssembly SIMD.
 */
export async function openModel(source: ModelInput, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const { name, bytes } = await fetchModel(source);
  const metadata = identify(name, bytes);
  const { threads, warnings } = threadsHere(options.threads ?? 0, options);
  const candidate = {
    backend: createWasmBackend(options),
    options: { provider: 'wasm', threads, spinning: false, optimize: true, exactAccumulators: false },
  } as const;
  const { session, choice } = await openSession({ kind: 'bytes', bytes }, [candidate], { strict: false });
  return { name, metadata, session, choice, threads, warnings };
}
