import { ResedgeError } from '../../src/errors.ts';
import type { Constant, Graph, Node } from './graph.ts';
import type { OpKind, OpOf } from './op.ts';

/** Who makes and who reads each value of one graph. */
export type View = {
  readonly graph: Graph;
  readonly producer: (value: string) => Node | undefined;
  readonly consumers: (value: string) => readonly Node[];
  readonly isOutput: (value: string) => boolean;
};

export function viewOf(graph: Graph): View {
  const producers = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) producers.set(output, node);
    for (const input of new Set(node.inputs)) {
      const list = consumers.get(input);
      if (list) list.push(node);
      else consumers.set(input, [node]);
    }
  }
  const outputs = new Set(graph.outputs);
  return {
    graph,
    producer: (value) => producers.get(value),
    consumers: (value) => consumers.get(value) ?? [],
    isOutput: (value) => outputs.has(value),
  };
}

/** True if the node is of this kind; narrows its op. */
export function isKind<K extends OpKind>(node: Node | undefined, kind: K): node is Node<OpOf<K>> {
  return node?.op.kind === kind;
}

/** The n-th input's name. Throws `internal` where the node has fewer. */
export function inputOf(node: Node, index: number): string {
  const name = node.inputs[index];
  if (name === undefined) throw new ResedgeError('internal', `${node.name} (${node.op.kind}) has no input ${index}`);
  return name;
}

/** The node's first output. */
export function outputOf(node: Node): string {
  const name = node.outputs[0];
  if (name === undefined) throw new ResedgeError('internal', `${node.name} (${node.op.kind}) has no output`);
  return name;
}

/** A float32 constant by name. Throws `internal` where there is none, or it has another type. */
export function floatConstant(graph: Graph, name: string): Constant<'float32'> {
  const found = graph.constants.get(name);
  if (found?.dtype !== 'float32') {
    throw new ResedgeError('internal', `expected a float32 constant ${name}, found ${found?.dtype ?? 'none'}`);
  }
  return found;
}
