import type { Constant, Graph } from '../graph/graph.ts';
import { rewrite } from '../graph/patch.ts';
import { floatConstant, inputOf, isKind, outputOf } from '../graph/view.ts';

/** Biases stored as int32 become the float32 that DequantizeLinear makes of them. */
export function floatBiases(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    const stored = isKind(node, 'DequantizeLinear') ? graph.constants.get(inputOf(node, 0)) : undefined;
    if (stored?.dtype !== 'int32') return undefined;
    const bias = dequantized(stored, floatConstant(graph, inputOf(node, 1)));
    return { remove: [node.name], add: [], constants: new Map([[outputOf(node), bias]]) };
  });
}

/** Every bias has a scale of its own. */
function dequantized(stored: Constant<'int32'>, scales: Constant<'float32'>): Constant {
  return {
    dtype: 'float32',
    dims: stored.dims,
    read: () => {
      const [integers, scale] = [stored.read(), scales.read()];
      return Float32Array.from(integers, (value, i) => value * scale[i]!);
    },
  };
}
