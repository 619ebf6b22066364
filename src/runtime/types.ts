import type { Tensor } from '../tensor/tensor.ts';

/** Execution providers by ONNX Runtime's short names; `wasm` is onnxruntime-web's SIMD build. */
export type Provider = 'cpu' | 'wasm' | 'cuda' | 'tensorrt' | 'webgpu' | 'webnn' | 'coreml' | 'dml';

export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** A model as bytes, or as a path where the backend reads files itself. */
export type ModelSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'path'; readonly path: string };

export type SessionOptions = {
  readonly provider: Provider;
  /** Threads inside one inference; 0 lets the backend choose. */
  readonly threads: number;
  /** False parks idle threads at once instead of spinning: less power and less disturbance, slower wake-up. */
  readonly spinning: boolean;
  /** False runs every node as written, nothing fused. */
  readonly optimize: boolean;
  /** True makes 8-bit products exact on CPUs whose fast kernel saturates pairs in int16, at a price in speed. */
  readonly exactAccumulators: boolean;
  /** Settings of the provider by its own names, as its list entry takes them. */
  readonly providerOptions?: Readonly<Record<string, string | number | boolean>>;
  /** What the session may hold, model and buffers, in units of 2^20 bytes; absent: no limit. */
  readonly memoryBudgetMb?: number;
  /** True refuses a model some of whose nodes the provider leaves to the CPU (code `unsupported`). */
  readonly strict?: boolean;
  /** Told, one line each, what befalls the session: its worker replaced after a death, an engine being built. */
  readonly onNotice?: (line: string) => void;
};

export type TensorInfo = {
  readonly name: string;
  readonly dtype: Tensor['dtype'];
  readonly dims: readonly (number | string)[];
};

export type Feeds = Readonly<Record<string, Tensor>>;

/** An opened model. Calls to `run` are queued; `close` waits for the run in flight. */
export type Session = {
  readonly backend: string;
  readonly provider: Provider;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Milliseconds from the call of `open` to a session that can run. */
  readonly loadMs: number;
  /**
   * One inference. `outputs` limits which are fetched (default: all). The session takes the feeds' buffers for the call and
   * gives them back with the same content: do not touch them before the promise settles.
   */
  readonly run: (feeds: Feeds, outputs?: readonly string[]) => Promise<RunResult>;
  readonly close: () => Promise<void>;
};

export type RunResult = {
  readonly outputs: Feeds;
  /** Milliseconds of the inference alone, measured beside the native call. */
  readonly ms: number;
};

/** One library that can run models. `open` throws code `unavailable` only if the provider is not present here. */
export type Backend = {
  readonly name: 'onnxruntime-node' | 'onnxruntime-web';
  readonly available: (provider: Provider) => Promise<Availability>;
  readonly open: (model: ModelSource, options: SessionOptions) => Promise<Session>;
};
