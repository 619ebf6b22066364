import { elementCount } from '../src/tensor/tensor.ts';
import { isLearnt } from './describe/steps.ts';
import type { Scores } from './exchange/scores.ts';
import type { Graph } from './graph/graph.ts';
import type { Network } from './network.ts';

/** Side of pictures for a model that takes any: ImageNet's custom. */
export const DEFAULT_SIZE = 224;

/** What a graph that was read tells of its network. */
export function factsOf({
  graph,
  classes,
  output,
}: Scores): Pick<Network, 'classes' | 'parameters' | 'warnings' | 'output'> {
  return { classes, parameters: parametersOf(graph), warnings: warningsOf(graph), output };
}

/** What a network is made of, for people. */
export function partsOf({ graph, classes, output }: Scores): string {
  const count = (kind: string, what: string): string => {
    const found = graph.nodes.filter(({ op }) => op.kind === kind).length;
    return `${found} ${what}${found === 1 ? '' : 's'}`;
  };
  return [
    count('Conv', 'convolution'),
    count('Gemm', 'dense layer'),
    `${classes} classes${output === 'probabilities' ? ' behind a softmax' : ''}`,
  ].join(', ');
}

/** Elements of all weights, each counted once, as `inspect` counts them; of folded batch norms the biases are left. */
function parametersOf(graph: Graph): number {
  const learnt = new Map<string, number>();
  for (const { op, inputs } of graph.nodes) {
    for (const [place, name] of inputs.entries()) {
      const constant = graph.constants.get(name);
      if (constant && isLearnt(op.kind, place, constant)) learnt.set(name, elementCount(constant.dims));
    }
  }
  return [...learnt.values()].reduce((sum, count) => sum + count, 0);
}

/** What a graph does that the rest of the program takes otherwise. */
function warningsOf(graph: Graph): readonly string[] {
  const last = graph.nodes.find(({ outputs }) => outputs[0] === graph.outputs[0]);
  return last?.op.kind === 'Sigmoid'
    ? [
        `the model ends in a sigmoid (${last.name}), one answer for each class: its scores are taken as logits of one answer`,
      ]
    : [];
}
