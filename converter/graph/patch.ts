import type { Constant, Dim, Graph, GraphInput, Node } from './graph.ts';
import { outputOf, type View, viewOf } from './view.ts';

/** An edit of a graph around one node, as data. */
export type Patch = {
  /** Names of the nodes that go. */
  readonly remove: readonly string[];
  /** Nodes that come, in order, standing where the matched node stood. */
  readonly add: readonly Node[];
  readonly constants?: ReadonlyMap<string, Constant>;
  /** Readers of a key read its value instead; graph outputs likewise. */
  readonly replace?: ReadonlyMap<string, string>;
  /** Inputs of the graph that change, by name. */
  readonly inputs?: ReadonlyMap<string, GraphInput>;
};

/** Looks at one node and says what to do, or nothing. */
export type Rewrite = (node: Node, view: View) => Patch | undefined;

/** Applies a rewrite to every node in one sweep; constants that nothing reads any more are dropped. */
export function rewrite(graph: Graph, rule: Rewrite): Graph {
  const view = viewOf(graph);
  const patches = new Map<string, Patch>();
  for (const node of graph.nodes) {
    const patch = rule(node, view);
    if (patch) patches.set(node.name, patch);
  }
  if (patches.size === 0) return graph;

  const removed = new Set<string>();
  const replaced = new Map<string, string>();
  const constants = new Map(graph.constants);
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  for (const patch of patches.values()) {
    for (const name of patch.remove) removed.add(name);
    for (const [from, to] of patch.replace ?? []) replaced.set(from, to);
    for (const [name, value] of patch.constants ?? []) constants.set(name, value);
    for (const [name, input] of patch.inputs ?? []) inputs.set(name, input);
  }
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    nodes.push(...(patches.get(node.name)?.add ?? []));
    if (!removed.has(node.name)) nodes.push(node);
  }
  const rename = (name: string): string => {
    let current = name;
    for (let next = replaced.get(current); next !== undefined; next = replaced.get(current)) current = next;
    return current;
  };
  return dropUnread({
    name: graph.name,
    inputs: [...inputs.values()],
    outputs: graph.outputs.map(rename),
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) })),
    constants,
  });
}

/** Without a node, whose readers read `value` instead. */
export function bypass(graph: Graph, node: Node, value: string): Graph {
  const patch = { remove: [node.name], add: [], replace: new Map([[outputOf(node), value]]) };
  return rewrite(graph, (other) => (other === node ? patch : undefined));
}

/** With a node between the graph's input and what reads it; `dims` are the input's then. */
export function behindInput(graph: Graph, input: GraphInput, node: Node, dims: readonly Dim[] = input.dims): Graph {
  const read = (value: string): string => (value === input.name ? outputOf(node) : value);
  return {
    ...graph,
    inputs: [{ ...input, dims }],
    nodes: [node, ...graph.nodes.map((other) => ({ ...other, inputs: other.inputs.map(read) }))],
  };
}

/** Without the nodes and constants that no output needs. */
export function dropDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return dropUnread({ ...graph, nodes: nodes.reverse() });
}

function dropUnread(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return { ...graph, constants: new Map([...graph.constants].filter(([name]) => read.has(name))) };
}
