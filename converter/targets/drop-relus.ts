import type { Graph, Node } from '../graph/graph.ts';
import { rewrite } from '../graph/patch.ts';
import { inputOf, isKind, outputOf } from '../graph/view.ts';

/** A ReLU goes where everything that reads it is stored with a range that starts at zero, which does the same. */
export function dropRelus(graph: Graph): Graph {
  const startsAtZero = (reader: Node): boolean => {
    const zeroPoint = isKind(reader, 'QuantizeLinear') ? graph.constants.get(inputOf(reader, 2)) : undefined;
    return zeroPoint?.dtype.startsWith('uint') === true && Number(zeroPoint.read()[0]) === 0;
  };
  return rewrite(graph, (node, view) => {
    if (!isKind(node, 'Relu') || view.isOutput(outputOf(node))) return undefined;
    if (!view.consumers(outputOf(node)).every(startsAtZero)) return undefined;
    return { remove: [node.name], add: [], replace: new Map([[outputOf(node), inputOf(node, 0)]]) };
  });
}
