import type { Graph, Node } from '../graph/graph.ts';
import type { OpOf, Pair, Window } from '../graph/op.ts';
import { inputOf, isKind } from '../graph/view.ts';

/** A Conv or Gemm as the loops over its weights see it: a Gemm is a 1 x 1 convolution of one pixel. */
export type WeightedLayer = {
  readonly name: string;
  /** The value that its weights multiply. */
  readonly input: string;
  readonly rows: number;
  readonly groups: number;
  /** Input channels of one group. */
  readonly channels: number;
  readonly dilations: Pair;
} & Window;

const PIXEL: Omit<OpOf<'Conv'>, 'kind'> = { group: 1, kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] };

export function isWeighted(node: Node): boolean {
  return node.op.kind === 'Conv' || node.op.kind === 'Gemm';
}

/** Every Conv and Gemm of a graph, in order of execution. */
export function weightedLayers(graph: Graph): readonly WeightedLayer[] {
  return graph.nodes.filter(isWeighted).map((node) => {
    const [rows = 0, channels = 0] = graph.constants.get(inputOf(node, 1))?.dims ?? [];
    const { group, kernel, strides, pads, dilations = [1, 1] } = isKind(node, 'Conv') ? node.op : PIXEL;
    return {
      name: node.name,
      input: inputOf(node, 0),
      rows,
      channels,
      groups: group,
      kernel,
      strides,
      pads,
      dilations,
    };
  });
}
