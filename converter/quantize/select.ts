import type { Graph, Node } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, outputOf, type View } from '../graph/view.ts';
import { movedChannels } from './moved-channels.ts';

/** A float value that will be stored as integers. */
export type Selected = {
  readonly value: string;
  /** The value whose parameters it must share, because the node between them only moves or selects numbers. */
  readonly sharesWith: string | undefined;
};

/**
 * Values to quantize, in order of execution: inputs of every node that has an integer kernel, and outputs of those nodes
 * unless a ReLU or a clip from 0 alone reads them (it is fused, its output counts) or they leave the graph (logits stay float).
 * Values that a DequantizeLinear makes are integers already and left out.
 */
export function selectValues(view: View): readonly Selected[] {
  const { graph } = view;
  const selected = new Map<string, Selected>();
  const select = (value: string, sharesWith?: string): void => {
    if (selected.has(value) || graph.constants.has(value)) return;
    if (isKind(view.producer(value), 'DequantizeLinear')) return;
    selected.set(value, { value, sharesWith });
  };
  for (const node of graph.nodes) {
    if (!hasIntegerKernel(node, graph)) continue;
    // What changes the layout of floats has no reason to store them.
    if (/^(Reshape|Transpose)$/.test(node.op.kind) && !selected.has(inputOf(node, 0))) continue;
    for (const input of dataInputs(node)) select(input);
    const output = outputOf(node);
    if (view.isOutput(output) || fusedRelu(node, view)) continue;
    select(output, movesOnly(node, graph) ? inputOf(node, 0) : undefined);
  }
  return [...selected.values()];
}

function hasIntegerKernel(node: Node, graph: Graph): boolean {
  switch (node.op.kind) {
    case 'Conv':
    case 'Gemm':
    case 'MaxPool':
    case 'AveragePool':
    case 'GlobalAveragePool':
    case 'Flatten':
    case 'Reshape':
    case 'Transpose':
      return true;
    case 'Add':
    case 'Concat':
      return !node.inputs.some((name) => graph.constants.has(name));
    default:
      return false;
  }
}

function dataInputs(node: Node): readonly string[] {
  return node.op.kind === 'Add' || node.op.kind === 'Concat' ? node.inputs : [inputOf(node, 0)];
}

/** A node that computes in float between quantized values. */
export type FloatNode = { readonly name: string; readonly op: string };

/** Nodes without an integer kernel, activations that are fused aside. */
export function floatNodes(view: View): readonly FloatNode[] {
  const { graph } = view;
  const fused = new Set(
    graph.nodes.flatMap((node) =>
      fusedRelu(node, view) ? view.consumers(outputOf(node)).map(({ name }) => name) : [],
    ),
  );
  return graph.nodes
    .filter((node) => !hasIntegerKernel(node, graph) && !fused.has(node.name) && node.op.kind !== 'Relu')
    .map(({ name, op }) => ({ name, op: op.kind }));
}

function fusedRelu(node: Node, view: View): boolean {
  const readers = view.consumers(outputOf(node));
  const [reader] = readers;
  const clips = isKind(reader, 'Relu') || (isKind(reader, 'Clip') && reader.op.min === 0);
  return (node.op.kind === 'Conv' || node.op.kind === 'Add') && readers.length === 1 && clips;
}

function movesOnly(node: Node, graph: Graph): boolean {
  if (/^(MaxPool|Flatten|Reshape|Transpose)$/.test(node.op.kind)) return true;
  if (node.op.kind !== 'Conv' || node.inputs.length > 2) return false;
  return movedChannels(floatConstant(graph, inputOf(node, 1))) !== undefined;
}
