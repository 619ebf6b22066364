import { createRequire } from 'node:module';
import type { OrtValue } from '../../runtime/tensor-info.ts';
import type { DType, TensorData } from '../../tensor/dtype.ts';
import { ownRuntime, useRuntime } from './own-runtime.ts';

/** The library that runs a model, by the name of its backend. */
export type Library = 'onnxruntime-node' | 'onnxruntime-web';

/** The part of onnxruntime-common's interface, which both libraries implement, that is used here. */
export type Ort = {
  readonly env: { logLevel?: string; readonly wasm: { numThreads?: number } };
  readonly InferenceSession: {
    readonly create: (model: string | Uint8Array, options: OrtOptions) => Promise<OrtSession>;
  };
  readonly Tensor: new (dtype: DType, data: TensorData, dims: readonly number[]) => OrtTensor;
  /** onnxruntime-node only. */
  readonly listSupportedBackends?: () => readonly { readonly name: string; readonly bundled: boolean }[];
};

export type OrtTensor = { readonly type: string; readonly dims: readonly number[]; readonly data: TensorData };

export type OrtSession = {
  readonly inputMetadata: readonly OrtValue[];
  readonly outputMetadata: readonly OrtValue[];
  readonly run: (
    feeds: Readonly<Record<string, OrtTensor>>,
    outputs: readonly string[],
  ) => Promise<Readonly<Record<string, OrtTensor>>>;
  /** Writes the profile, where one was asked for. */
  readonly endProfiling: () => void;
  readonly release: () => Promise<void>;
};

export type GraphLevel = 'disabled' | 'basic' | 'extended' | 'all';

export type OrtOptions = {
  readonly executionProviders: readonly (string | Readonly<Record<string, string | number | boolean>>)[];
  readonly graphOptimizationLevel: GraphLevel;
  readonly logSeverityLevel: 0 | 1 | 2 | 3 | 4;
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly enableCpuMemArena?: boolean;
  readonly optimizedModelFilePath?: string;
  readonly enableProfiling?: boolean;
  readonly profileFilePrefix?: string;
  readonly extra?: { readonly session: Readonly<Record<string, string | Readonly<Record<string, string>>>> };
};

/**
 * Loads a library, or the build of it that RESEDGE_ORT_DIR names. Throws whatever the module loader throws. CommonJS on purpose: it starts
 * faster, and onnxruntime-web's ES module build fetches its WASM file by URL, which Node refuses for files.
 */
export function loadOrt(library: Library): Ort {
  const require = createRequire(import.meta.url);
  const own = library === 'onnxruntime-node' ? ownRuntime() : undefined;
  if (own !== undefined) useRuntime(own);
  const ort: Ort = library === 'onnxruntime-node' ? require('onnxruntime-node') : require('onnxruntime-web/wasm');
  return ort;
}
