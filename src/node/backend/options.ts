import { availableParallelism } from 'node:os';
import type { SessionOptions } from '../../runtime/types.ts';
import type { GraphLevel, Library, OrtOptions } from './ort.ts';

/** How a session is opened: what the interface offers, and how far the graph is rewritten. */
export type OpenOptions = SessionOptions & {
  readonly level: GraphLevel;
  /** False gives memory back after every run instead of keeping it for the next. */
  readonly arena: boolean;
};

/**
 * ONNX Runtime's own options. Exactly one provider is named, since a list falls back without a word. Log level 4 keeps its
 * lines off stderr; what goes wrong is thrown anyway.
 */
export function toOrtOptions(library: Library, options: OpenOptions): OrtOptions {
  const common = {
    executionProviders: [options.provider],
    graphOptimizationLevel: options.level,
    logSeverityLevel: 4,
  } as const;
  if (library === 'onnxruntime-web') return common;
  return {
    ...common,
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    enableCpuMemArena: options.arena,
    extra: {
      session: {
        intra_op: { allow_spinning: options.spinning ? '1' : '0' },
        ...(options.exactAccumulators ? { x64quantprecision: '1' } : {}),
      },
    },
  };
}

/** WASM threads are a setting of the module, not of a session. */
export function wasmThreads(options: SessionOptions): number {
  return options.threads > 0 ? options.threads : availableParallelism();
}
