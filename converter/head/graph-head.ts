import { ResedgeError } from '../../src/errors.ts';
import { float32 } from '../../src/tensor/tensor.ts';
import { type Constant, constant, type Graph, type Node } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, outputOf, viewOf } from '../graph/view.ts';
import type { LinearHead } from './replace-head.ts';

/** The linear layer that a network's graph ends in. */
export type GraphHead = LinearHead & {
  readonly node: Node;
  /** The value that it reads: features [N, width]. */
  readonly input: string;
  readonly width: number;
  /** Names of its constants; a layer without a bias has none of that name yet. */
  readonly weight: string;
  readonly offset: string;
};

/** The head of a network in float. Throws `unsupported` for one that does not end in a linear layer. */
export function graphHead(graph: Graph): GraphHead {
  const node = viewOf(graph).producer(graph.outputs[0] ?? '');
  if (!isKind(node, 'Gemm') || !node.op.transB || !graph.constants.has(inputOf(node, 1))) {
    throw new ResedgeError(
      'unsupported',
      `expected a network that ends in one linear layer, found ${node?.op.kind ?? 'nothing'}: classes are learnt with a ResNet, or another network with such a head`,
    );
  }
  const weight = inputOf(node, 1);
  const { dims, read } = floatConstant(graph, weight);
  const [classes = 0, width = 0] = dims;
  const offset = node.inputs[2] ?? `${node.name}.bias`;
  const bias = node.inputs[2] === undefined ? new Float32Array(classes) : floatConstant(graph, offset).read();
  return { node, input: inputOf(node, 0), width, weight, offset, weights: read(), bias };
}

/** The graph up to what its head reads. */
export function featuresOf(graph: Graph, { input }: GraphHead): Graph {
  const wanted = new Set([input]);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!wanted.has(outputOf(node))) continue;
    nodes.unshift(node);
    for (const value of node.inputs) wanted.add(value);
  }
  const constants = new Map([...graph.constants].filter(([name]) => wanted.has(name)));
  return { ...graph, outputs: [input], nodes, constants };
}

/** The graph with another linear layer as its head, of as many classes as there are biases. */
export function withHead(graph: Graph, head: GraphHead, { weights, bias }: LinearHead): Graph {
  const { node, input, width, weight, offset } = head;
  const constants = new Map<string, Constant>(graph.constants);
  constants.set(weight, constant(float32([bias.length, width], weights)));
  constants.set(offset, constant(float32([bias.length], bias)));
  const replaced = { ...node, inputs: [input, weight, offset] };
  return { ...graph, nodes: graph.nodes.map((each) => (each === node ? replaced : each)), constants };
}
