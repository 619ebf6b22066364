import { ResedgeError } from '../../src/errors.ts';
import type { OnnxGraph, OnnxNode } from '../../src/onnx/schema.ts';

/** How messages call a node. */
export function nodeTitle(node: OnnxNode): string {
  return `node ${node.name || node.outputs[0] || '(unnamed)'} (${node.domain === '' ? '' : `${node.domain}.`}${node.op})`;
}

/**
 * The nodes that the graph's outputs need, in an order in which they can run: the file's own where that is one. Throws `input` for a
 * value that nothing makes, that two nodes make, or that needs itself.
 */
export function orderNodes(graph: OnnxGraph): readonly OnnxNode[] {
  const producers = producersOf(graph);
  const given = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  const state = new Map<OnnxNode, 'open' | 'done'>();
  const order: OnnxNode[] = [];
  const visit = (value: string, reader: string): OnnxNode | undefined => {
    if (given.has(value)) return undefined;
    const node = producers.get(value);
    if (node === undefined) {
      throw new ResedgeError(
        'input',
        `expected every value to be made by a node, found none for ${value}, which ${reader} reads`,
      );
    }
    if (state.get(node) === 'open') {
      throw new ResedgeError('input', `expected a graph without cycles, found one through ${nodeTitle(node)}`);
    }
    return state.has(node) ? undefined : node;
  };
  for (const output of graph.outputs) {
    const first = visit(output.name, 'the graph output');
    const stack = first ? [{ node: first, next: 0 }] : [];
    if (first) state.set(first, 'open');
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const value = top.node.inputs[top.next++];
      if (value === undefined) {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
      } else if (value !== '') {
        const needed = visit(value, nodeTitle(top.node));
        if (needed) {
          state.set(needed, 'open');
          stack.push({ node: needed, next: 0 });
        }
      }
    }
  }
  const inFile = graph.nodes.filter((node) => state.has(node));
  return isOrdered(inFile, given) ? inFile : order;
}

function producersOf(graph: OnnxGraph): ReadonlyMap<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      const other = producers.get(output);
      if (other) {
        throw new ResedgeError(
          'input',
          `expected one maker of ${output}, found ${nodeTitle(other)} and ${nodeTitle(node)}`,
        );
      }
      producers.set(output, node);
    }
  }
  return producers;
}

function isOrdered(nodes: readonly OnnxNode[], given: ReadonlySet<string>): boolean {
  const known = new Set(given);
  for (const node of nodes) {
    if (node.inputs.some((input) => input !== '' && !known.has(input))) return false;
    for (const output of node.outputs) known.add(output);
  }
  return true;
}
