import { refusal } from '../device/runs.ts';
import { ResedgeError } from '../errors.ts';
import { identify } from '../onnx/identify.ts';
import type { ModelMetadata } from '../onnx/metadata.ts';
import { type OpenCandidate, type OpenChoice, openSession } from '../runtime/open.ts';
import type { Session } from '../runtime/types.ts';
import { fetchModel, type ModelInput } from './fetch-model.ts';
import { createGpuBackend, type DeviceType } from './gpu.ts';
import { threadsHere, type WasmSettings } from './start-wasm.ts';
import { createWasmBackend } from './wasm.ts';

export type OpenModelOptions = WasmSettings & {
  /** Threads inside one inference; default: half of the cores, at most 4. */
  readonly threads?: number;
  /**
   * What to try, in order; default: WASM alone. WebGPU and WebNN need a build of ONNX Runtime of their own, fetched when they are tried:
   * wasmPaths is then a folder with the files of both.
   */
  readonly providers?: readonly BrowserProvider[];
  /** The device that WebNN is asked for; default: cpu. */
  readonly deviceType?: DeviceType;
  /** True: the first provider, for every node of the model, or an error. */
  readonly strict?: boolean;
};

export type BrowserProvider = 'wasm' | 'webgpu' | 'webnn';

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
 * `io` where it or ONNX Runtime's files cannot be fetched, `unsupported` where none of the providers runs its precision, and `unavailable`
 * where none of them is here.
 */
export async function openModel(source: ModelInput, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const { name, bytes } = await fetchModel(source);
  const metadata = identify(name, bytes);
  const { threads, warnings } = threadsHere(options.threads ?? 0, options);
  const { providers = ['wasm'], strict = false } = options;
  const candidates = providers.map((provider) => candidateFor(provider, threads, options));
  const able = candidates.filter(({ options: { provider } }) => refusal(provider, metadata) === undefined);
  const refused = providers.flatMap((provider) => refusal(provider, metadata) ?? []);
  if (able.length === 0 || (strict && refused.length > 0))
    throw new ResedgeError('unsupported', `${name}: ${refused.join('; ') || 'expected a provider, none is named'}`);
  const { session, choice } = await openSession({ kind: 'bytes', bytes }, able, { strict });
  const passed = [...refused, ...choice.skipped.map(({ reason }) => reason)];
  const notes = passed.map((reason) => `running on ${choice.provider}: ${reason}`);
  if (choice.provider === 'webnn') notes.push(requestedDevice(options));
  return { name, metadata, session, choice, threads, warnings: [...warnings, ...notes] };
}

function candidateFor(provider: BrowserProvider, threads: number, options: OpenModelOptions): OpenCandidate {
  const { strict = false, deviceType = 'cpu' } = options;
  const common = { provider, threads, spinning: false, optimize: true, exactAccumulators: false, strict };
  if (provider === 'wasm') return { backend: createWasmBackend(options), options: common };
  const providerOptions = provider === 'webnn' ? { deviceType } : {};
  return { backend: createGpuBackend(options), options: { ...common, providerOptions } };
}

function requestedDevice({ deviceType = 'cpu' }: OpenModelOptions): string {
  return `WebNN was asked for ${deviceType}: the browser does not say where it computes`;
}
