import type { Graph, Node } from '../graph/graph.ts';
import { inputOf, isKind, outputOf, type View } from '../graph/view.ts';

/** A float value that will be stored as integers. */
export type Selected = {
  readonly value: string;
  /** The value whose parameters it must share, because the node between them only moves or selects numbers. */
  readonly sharesWith: string | undefined;
};

/**
 * Values to quantize, in order of execution: inputs of every node that has an integer kernel, and outputs of those nodes
 * unless a ReLU alone reads them (it is fused, its output counts) or they leave the graph (logits stay float).
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
    if (!hasIntegerKernel(node)) continue;
    for (const input of dataInputs(node)) select(input);
    const output = outputOf(node);
    if (view.isOutput(output) || fusedRelu(node, view)) continue;
    select(output, movesOnly(node, graph) ? inputOf(node, 0) : undefined);
  }
  return [...selected.values()];
}

function hasIntegerKernel(node: Node): boolean {
  switch (node.op.kind) {
    case 'Conv':
    case 'Gemm':
    case 'Add':
    case 'MaxPool':
    case 'GlobalAveragePool':
    case 'Flatten':
      return true;
    default:
      return false;
  }
}

function dataInputs(node: Node): readonly string[] {
  return node.op.kind === 'Add' ? node.inputs : [inputOf(node, 0)];
}

function fusedRelu(node: Node, view: View): boolean {
  const readers = view.consumers(outputOf(node));
  return (node.op.kind === 'Conv' || node.op.kind === 'Add') && readers.length === 1 && isKind(readers[0], 'Relu');
}

function movesOnly(node: Node, graph: Graph): boolean {
  if (node.op.kind === 'MaxPool' || node.op.kind === 'Flatten') return true;
  return node.op.kind === 'Conv' && node.inputs.length === 2 && selectsChannels(node, graph);
}

/** True for a 1 x 1 convolution whose every output channel copies one input channel or is zero. */
function selectsChannels(node: Node, graph: Graph): boolean {
  const weight = graph.constants.get(inputOf(node, 1));
  if (weight?.dtype !== 'float32' || weight.dims[2] !== 1 || weight.dims[3] !== 1) return false;
  const [rows = 0, columns = 0] = weight.dims;
  const data = weight.read();
  for (let r = 0; r < rows; r++) {
    let ones = 0;
    for (let c = 0; c < columns; c++) {
      const value = data[r * columns + c]!;
      if (value !== 0 && value !== 1) return false;
      ones += value;
    }
    if (ones > 1) return false;
  }
  return true;
}
