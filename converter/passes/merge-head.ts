import { inputOf, isKind } from '../graph/view.ts';
import { foldAffine } from './fold-affine.ts';
import type { Simplification } from './settle.ts';

/** A linear layer whose bias, or a factor for each output, stands in a node behind it -> the layer alone; Convs stay as they are. */
export const mergeHead: Simplification = (node, view, facts) => {
  const spelled = isKind(node, 'Add') || isKind(node, 'Mul');
  const linear = spelled && [0, 1].some((at) => isKind(view.producer(inputOf(node, at)), 'Gemm'));
  return linear ? foldAffine(node, view, facts) : undefined;
};
