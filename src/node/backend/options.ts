import { availableParallelism } from 'node:os';
import type { SessionOptions } from '../../runtime/types.ts';
import type { GraphLevel, Library, OrtOptions } from './ort.ts';

/** How a session is opened: what the interface offers, and how far the graph is rewritten. Passes between threads. */
export type OpenOptions = Omit<SessionOptions, 'onNotice'> & {
  readonly level: GraphLevel;
  /** False gives memory back after every run instead of keeping it for the next. */
  readonly arena: boolean;
  /** Native libraries to be loaded before ONNX Runtime's provider asks for them by name. */
  readonly preload?: readonly string[];
  /** Where ONNX Runtime writes the graph that it made of the model. */
  readonly optimizedModel?: string;
  /** The name of the file beside it that takes its weights; absent: they are in it. */
  readonly optimizedWeights?: string;
  /** Where ONNX Runtime writes which provider ran each node, PROFILE_<time>.json, when the session closes. */
  readonly profile?: string;
};

/** The arena grows to a few times the model; a budget below this many times the model's file does without it. */
const ARENA_FACTOR = 4;

const MB = 2 ** 20;

/** What the interface's options mean for both libraries, for a model file of so many bytes. */
export function toOpenOptions({ onNotice: _, ...options }: SessionOptions, modelBytes: number): OpenOptions {
  const { memoryBudgetMb = Number.POSITIVE_INFINITY } = options;
  const arena = modelBytes * ARENA_FACTOR <= memoryBudgetMb * MB;
  return { ...options, level: options.optimize ? 'all' : 'disabled', arena };
}

/**
 * ONNX Runtime's own options. Exactly one provider is named, since a list falls back without a word. Log level 4 keeps its
 * lines off stderr; what goes wrong is thrown anyway.
 */
export function toOrtOptions(library: Library, options: OpenOptions): OrtOptions {
  const { provider, providerOptions = {} } = options;
  const plain = Object.keys(providerOptions).length === 0;
  const common = {
    executionProviders: [plain ? provider : { ...providerOptions, name: provider }],
    graphOptimizationLevel: options.level,
    logSeverityLevel: 4,
  } as const;
  if (library === 'onnxruntime-web') return common;
  return {
    ...common,
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    enableCpuMemArena: options.arena,
    ...(options.optimizedModel === undefined ? {} : { optimizedModelFilePath: options.optimizedModel }),
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    extra: {
      session: {
        intra_op: { allow_spinning: options.spinning ? '1' : '0' },
        ...(options.exactAccumulators ? { x64quantprecision: '1' } : {}),
        ...(options.optimizedWeights === undefined
          ? {}
          : { optimized_model_external_initializers_file_name: options.optimizedWeights }),
        ...(options.strict && provider !== 'cpu' ? { disable_cpu_ep_fallback: '1' } : {}),
      },
    },
  };
}

/** WASM threads are a setting of the module, not of a session. */
export function wasmThreads(options: Pick<SessionOptions, 'threads'>): number {
  return options.threads > 0 ? options.threads : availableParallelism();
}
