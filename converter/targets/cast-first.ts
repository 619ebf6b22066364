import type { Graph, Node } from '../graph/graph.ts';
import { inputOf, isKind, viewOf } from '../graph/view.ts';

/** The input's bytes become float before they are transposed, not after: the same numbers. */
export function castFirst(graph: Graph): Graph {
  const view = viewOf(graph);
  const bytes = new Set(graph.inputs.filter(({ dtype }) => dtype === 'uint8').map(({ name }) => name));
  const swapped = new Map<Node, Node>();
  for (const transpose of graph.nodes) {
    if (!isKind(transpose, 'Transpose') || !bytes.has(inputOf(transpose, 0))) continue;
    const [cast, ...more] = transpose.outputs.flatMap((output) => view.consumers(output));
    if (!isKind(cast, 'Cast') || more.length > 0) continue;
    swapped.set(transpose, { ...transpose, name: cast.name, op: cast.op });
    swapped.set(cast, { ...cast, name: transpose.name, op: transpose.op });
  }
  return { ...graph, nodes: graph.nodes.map((node) => swapped.get(node) ?? node) };
}
