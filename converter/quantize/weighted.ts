import type { Graph, Node } from '../graph/graph.ts';
import type { Pads, Pair } from '../graph/op.ts';
import { inputOf } from '../graph/view.ts';

/** A Conv or Gemm as the loops over its weights see it: a Gemm is a 1 x 1 convolution of one pixel. */
export type WeightedLayer = {
  readonly name: string;
  /** The value that its weights multiply. */
  readonly input: string;
  readonly rows: number;
  readonly groups: number;
  /** Input channels of one group. */
  readonly channels: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
};

export function isWeighted(node: Node): boolean {
  return node.op.kind === 'Conv' || node.op.kind === 'Gemm';
}

/** Those whose inputs can be gathered patch by patch: all but dilated convolutions. */
export function learnableLayers(graph: Graph): readonly WeightedLayer[] {
  const dilated = new Set(graph.nodes.flatMap(({ name, op }) => (op.kind === 'Conv' && op.dilations ? [name] : [])));
  return weightedLayers(graph).filter(({ name }) => !dilated.has(name));
}

/** Every Conv and Gemm of a graph, in order of execution. */
export function weightedLayers(graph: Graph): readonly WeightedLayer[] {
  return graph.nodes.filter(isWeighted).map((node) => {
    const [rows = 0, channels = 0] = graph.constants.get(inputOf(node, 1))?.dims ?? [];
    const { op } = node;
    return {
      name: node.name,
      input: inputOf(node, 0),
      rows,
      channels,
      groups: op.kind === 'Conv' ? op.group : 1,
      kernel: op.kind === 'Conv' ? op.kernel : [1, 1],
      strides: op.kind === 'Conv' ? op.strides : [1, 1],
      pads: op.kind === 'Conv' ? op.pads : [0, 0, 0, 0],
    };
  });
}
