import { ResedgeError } from '../../src/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { outputOf } from '../graph/view.ts';
import { LOGITS, LOSS, TARGETS } from './loss.ts';
import type { TrainingRecipe } from './types.ts';

/** Parameters, and the values upstream of which one lies. Throws `internal` for a name that is no float32 constant. */
export function learningValues(graph: Graph, { trainable }: TrainingRecipe): ReadonlySet<string> {
  const learning = new Set<string>();
  for (const name of trainable) {
    const found = graph.constants.get(name);
    if (found?.dtype !== 'float32') {
      throw new ResedgeError(
        'internal',
        `expected a float32 constant ${name} to train in ${graph.name}, found ${found?.dtype ?? 'none'}`,
      );
    }
    learning.add(name);
  }
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => learning.has(input))) learning.add(outputOf(node));
  }
  return learning;
}

/** The graph with its output under the name of the logits, and nothing else under a name that a training graph takes. */
export function withReservedNames(graph: Graph, { trainable }: TrainingRecipe): Graph {
  const [output, ...more] = graph.outputs;
  if (output === undefined || more.length > 0) {
    throw new ResedgeError('internal', `expected one output of ${graph.name}, found [${graph.outputs}]`);
  }
  const reserved = new Set([TARGETS, LOSS, LOGITS]);
  for (const name of [...trainable, ...graph.inputs.map((input) => input.name)]) {
    if (reserved.has(name)) {
      throw new ResedgeError('unsupported', `expected no input or parameter of ${graph.name} to be named ${name}`);
    }
  }
  const rename = (name: string): string => {
    if (name === output) return LOGITS;
    return reserved.has(name) ? `${name}/forward` : name;
  };
  return {
    ...graph,
    outputs: [LOGITS],
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    constants: new Map([...graph.constants].map(([name, constant]) => [rename(name), constant])),
  };
}
