import { ResedgeError } from '../../src/errors.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { dropDead } from '../graph/patch.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { outputOf, type View, viewOf } from '../graph/view.ts';

/** What a node becomes; what then nobody reads goes. */
export type Change = {
  /** Stand in the node's place, in order. */
  readonly nodes: readonly Node[];
  readonly constants?: readonly (readonly [string, Constant])[];
  /** Nodes before it that go with it. */
  readonly removes?: readonly Node[];
  /** Readers of the node's output read this value instead. */
  readonly readers?: string;
};

/** Looks at one node and what is known of the values around it. */
export type Simplification = (node: Node, view: View, facts: Facts) => Change | undefined;

/** Every sweep makes a graph simpler; one that needs more does not end. */
const MAX_SWEEPS = 1000;

/** Applies a simplification until it finds nothing more; changes of one sweep share no node. */
export function settle(graph: Graph, stage: string, find: Simplification): Graph {
  let current = graph;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const next = sweepOnce(current, verify(current, stage), find);
    if (next === current) return current;
    current = dropDead(next);
  }
  throw new ResedgeError('internal', `${stage} came to no end`);
}

function sweepOnce(graph: Graph, facts: Facts, find: Simplification): Graph {
  const view = viewOf(graph);
  const taken = new Set<string>();
  const removed = new Set<string>();
  const renamed = new Map<string, string>();
  const constants = new Map(graph.constants);
  let changed = false;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const change = find(node, view, facts);
    const goes = [node, ...(change?.removes ?? [])];
    if (change === undefined || goes.some(({ name }) => taken.has(name))) return [node];
    changed = true;
    for (const { name } of goes) taken.add(name);
    for (const { name } of change.removes ?? []) removed.add(name);
    for (const [name, constant] of change.constants ?? []) constants.set(name, constant);
    if (change.readers !== undefined) renamed.set(outputOf(node), change.readers);
    return change.nodes;
  });
  if (!changed) return graph;
  const original = new Set(graph.nodes);
  const read = (value: string): string => renamed.get(value) ?? value;
  const left = nodes.filter((node) => !removed.has(node.name) || !original.has(node));
  return {
    ...graph,
    nodes: left.map((node) => ({ ...node, inputs: node.inputs.map(read) })),
    outputs: graph.outputs.map(read),
    constants,
  };
}
