import { elementCount } from '../src/tensor/tensor.ts';
import type { Scores } from './exchange/scores.ts';
import type { Graph } from './graph/graph.ts';

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

/** Elements of all weights, without batch norm's running statistics. */
export function parametersOf(graph: Graph): number {
  let count = 0;
  for (const { op, inputs } of graph.nodes) {
    for (const [place, name] of inputs.entries()) {
      const constant = graph.constants.get(name);
      if (constant && !(op.kind === 'BatchNormalization' && place > 2)) count += elementCount(constant.dims);
    }
  }
  return count;
}

/** What a graph does that the rest of the program takes otherwise. */
export function warningsOf(graph: Graph): readonly string[] {
  const last = graph.nodes.find(({ outputs }) => outputs[0] === graph.outputs[0]);
  return last?.op.kind === 'Sigmoid'
    ? [
        `the model ends in a sigmoid (${last.name}), one answer for each class: its scores are taken as logits of one answer`,
      ]
    : [];
}
