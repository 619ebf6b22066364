import { elementCount } from '../src/tensor/tensor.ts';
import type { Architecture } from './resnet/architecture.ts';
import { checkShapes, checkValues } from './resnet/check.ts';
import { detectArchitecture } from './resnet/detect.ts';
import { requireFamily } from './resnet/families.ts';
import { readWeights } from './weights/index.ts';
import type { Weights } from './weights/types.ts';

/** A weights file that has been understood. */
export type Network = {
  readonly weights: Weights;
  readonly architecture: Architecture;
  /** Weights and biases, without batch norm's running statistics. */
  readonly parameters: number;
  readonly warnings: readonly string[];
};

/**
 * Reads weights from a file's bytes and finds the network they belong to; `arch` is `auto` or a family's name. Throws `input`
 * naming the tensor at fault.
 */
export function readNetwork(bytes: Uint8Array, arch: string): Network {
  const weights = readWeights(bytes);
  const architecture = detectArchitecture(weights.tensors);
  if (arch !== 'auto') requireFamily(architecture, arch);
  checkShapes(architecture, weights.tensors);
  const warnings = checkValues(architecture, weights.tensors);
  let parameters = 0;
  for (const [name, { dims }] of weights.tensors) {
    if (/\.(weight|bias)$/.test(name)) parameters += elementCount(dims);
  }
  return { weights, architecture, parameters, warnings };
}
