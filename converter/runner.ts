import { ResedgeError } from '../src/errors.ts';
import type { OnnxNode } from '../src/onnx/schema.ts';
import type { Tensor } from '../src/tensor/tensor.ts';

/** A model that has been opened for running. */
export type RunningModel = {
  /** One inference; `outputs` limits which values are fetched. The feeds may not be touched until the promise settles. */
  readonly run: (
    feeds: Readonly<Record<string, Tensor>>,
    outputs?: readonly string[],
  ) => Promise<Readonly<Record<string, Tensor>>>;
  /** The nodes that really run, those of the model that nothing was fused with under their names; absent: not known here. */
  readonly executed?: readonly OnnxNode[];
  readonly close: () => Promise<void>;
};

export type RunOptions = {
  /** False: every node runs as written, nothing is fused; for proofs. True: as fast as the machine can. */
  readonly optimize: boolean;
  /** True: what is executed is wanted, where it can be known. */
  readonly explain?: boolean;
};

/**
 * Opens an ONNX model, given as consecutive chunks of its bytes. The converter is handed one of these and never knows
 * what executes it.
 */
export type ModelRunner = (model: Iterable<Uint8Array>, options: RunOptions) => Promise<RunningModel>;

/** A float32 output by name. Throws `internal` where there is none. */
export function floats(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const tensor = outputs[name];
  if (tensor?.dtype !== 'float32') throw new ResedgeError('internal', `expected a float32 output ${name}`);
  return tensor.data;
}
