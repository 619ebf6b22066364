import { ResedgeError } from '../../src/errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { bypass } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { inputOf, isKind, viewOf } from '../graph/view.ts';

/** A classifier's graph that ends in logits [N, classes]. */
export type Scores = {
  readonly graph: Graph;
  readonly classes: number;
  /** `probabilities`: a softmax came after the logits, and was taken off. */
  readonly output: 'logits' | 'probabilities';
};

/**
 * Takes a softmax off the end, behind whatever only shapes its result, and flattens scores [N, classes, 1, 1]. Throws `unsupported`
 * for several outputs or one that is not a row of scores.
 */
export function endInLogits(graph: Graph): Scores {
  const [output, ...more] = graph.outputs;
  if (output === undefined || more.length > 0) {
    const found = graph.outputs.join(', ') || 'none';
    throw new ResedgeError(
      'unsupported',
      `expected one output, the scores of the classes, received ${found}: cut the others off`,
    );
  }
  const peeled = withoutSoftmax(graph, output);
  const bare = peeled ?? graph;
  const [last = ''] = bare.outputs;
  const dims = verify(bare, 'read').get(last)?.dims ?? [];
  const classes = dims[1];
  const flat = dims.length === 2 || dims.slice(2).every((dim) => dim === 1);
  if (typeof dims[0] === 'number' || typeof classes !== 'number' || dims.length < 2 || !flat) {
    throw new ResedgeError(
      'unsupported',
      `expected scores [N, classes] as output ${last}, received [${dims.join(', ')}]`,
    );
  }
  const flatten: Node = { name: 'scores', op: { kind: 'Flatten', axis: 1 }, inputs: [last], outputs: ['scores'] };
  const flattened = dims.length === 2 ? bare : { ...bare, nodes: [...bare.nodes, flatten], outputs: ['scores'] };
  return { graph: flattened, classes, output: peeled ? 'probabilities' : 'logits' };
}

function withoutSoftmax(graph: Graph, output: string): Graph | undefined {
  const view = viewOf(graph);
  let node = view.producer(output);
  while (node && /^(Flatten|Reshape|Transpose)$/.test(node.op.kind)) node = view.producer(inputOf(node, 0));
  if (!isKind(node, 'Softmax')) return undefined;
  return bypass(graph, node, inputOf(node, 0));
}

/** A finished graph whose output is the softmax of its logits. */
export function endInProbabilities(graph: Graph): Graph {
  const [logits = ''] = graph.outputs;
  const name = 'probabilities';
  const softmax: Node = { name, op: { kind: 'Softmax', axis: 1 }, inputs: [logits], outputs: [name] };
  return { ...graph, nodes: [...graph.nodes, softmax], outputs: [name] };
}
