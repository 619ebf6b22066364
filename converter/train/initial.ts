import { normal } from '../../src/tensor/random.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Architecture } from '../resnet/architecture.ts';
import { expectedShapes } from '../resnet/check.ts';
import { PLACES } from './recipe.ts';
import { streamAt } from './stream.ts';
import type { Tensors } from './tensors.ts';

/**
 * Weights to begin with, as torchvision's: convolutions normal with a deviation of sqrt(2 / fan out) (He et al. 2015, "Delving deep into
 * rectifiers", section 2.2), norms one and zero, the head uniform within 1 / sqrt(fan in). The same seed gives the same weights.
 */
export function initialWeights(architecture: Architecture, seed: number): Tensors {
  const weights = new Map<string, { readonly dims: readonly number[]; readonly data: Float32Array }>();
  const head = architecture.head.name;
  [...expectedShapes(architecture)].forEach(([name, dims], index) => {
    const random = streamAt(seed, PLACES.weights, index);
    const data = new Float32Array(elementCount(dims));
    if (name.startsWith(`${head}.`)) {
      const bound = 1 / Math.sqrt(architecture.head.features);
      for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random() - 1);
    } else if (dims.length > 1) {
      const deviation = Math.sqrt(2 / ((dims[0] ?? 1) * elementCount(dims.slice(2))));
      for (let i = 0; i < data.length; i++) data[i] = deviation * normal(random);
    } else if (name.endsWith('.weight') || name.endsWith('.running_var')) {
      data.fill(1);
    }
    weights.set(name, { dims, data });
  });
  return weights;
}
