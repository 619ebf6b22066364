import type { Graph, Node } from '../graph/graph.ts';
import { rewrite } from '../graph/patch.ts';
import { inputOf, isKind, outputOf, type View } from '../graph/view.ts';

/**
 * Of an addition's two stored inputs, the one that a convolution makes for it alone is read as it was computed: so that the addition
 * can become part of that convolution. The other one, the residual, stays stored.
 */
export function freeAdditions(graph: Graph): Graph {
  return rewrite(graph, (node, view) => {
    if (!isKind(node, 'Add')) return undefined;
    const pairs = node.inputs.map((value) => storedPair(value, view));
    const place = pairs.findIndex((pair) => pair?.alone);
    const pair = pairs[place];
    if (pair === undefined || pairs.includes(undefined)) return undefined;
    const { quantize, dequantize } = pair;
    return {
      remove: [node.name, quantize.name, dequantize.name],
      add: [{ ...node, inputs: node.inputs.with(place, inputOf(quantize, 0)) }],
    };
  });
}

type StoredPair = {
  readonly quantize: Node;
  readonly dequantize: Node;
  /** A convolution makes the value, and nothing else reads it. */
  readonly alone: boolean;
};

/** The QuantizeLinear and DequantizeLinear behind a value that an addition reads. */
function storedPair(value: string, view: View): StoredPair | undefined {
  const dequantize = view.producer(value);
  if (!isKind(dequantize, 'DequantizeLinear')) return undefined;
  const quantize = view.producer(inputOf(dequantize, 0));
  if (!isKind(quantize, 'QuantizeLinear')) return undefined;
  const made = inputOf(quantize, 0);
  const single = [made, outputOf(quantize), value].every((name) => view.consumers(name).length === 1);
  return { quantize, dequantize, alone: single && isKind(view.producer(made), 'Conv') };
}
