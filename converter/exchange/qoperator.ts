import type { Graph, Node } from '../graph/graph.ts';
import { isKind, outputOf, type View, viewOf } from '../graph/view.ts';

/** An operator on integers in place of a node on floats and the QuantizeLinear behind it. */
export type IntegerNode = {
  readonly op: string;
  readonly domain: '' | typeof MICROSOFT;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
};

/** ONNX Runtime's own operators; ONNX has no quantized addition and pooling. */
export const MICROSOFT = 'com.microsoft';

export type QOperatorForm = {
  /** By the name of the node that gives way. */
  readonly integer: ReadonlyMap<string, IntegerNode>;
  /** Nodes that nothing reads any more, or that went into another. */
  readonly dropped: ReadonlySet<string>;
};

/**
 * How a graph of QuantizeLinear and DequantizeLinear is written with operators on integers, as ONNX Runtime fuses it when it opens
 * the other form: the same numbers. Nodes that have no such operator stay as they are.
 */
export function qoperatorForm(graph: Graph): QOperatorForm {
  const view = viewOf(graph);
  const integer = new Map<string, IntegerNode>();
  const dropped = new Set<string>();
  for (const node of graph.nodes) {
    const found = integerNode(node, view);
    if (!found) continue;
    integer.set(node.name, found.node);
    for (const name of found.absorbed) dropped.add(name);
  }
  for (const node of graph.nodes) {
    if (!isKind(node, 'DequantizeLinear') || view.isOutput(outputOf(node))) continue;
    if (view.consumers(outputOf(node)).every(({ name }) => integer.has(name))) dropped.add(node.name);
  }
  return { integer, dropped };
}

type Fused = { readonly node: IntegerNode; readonly absorbed: readonly string[] };

function integerNode(node: Node, view: View): Fused | undefined {
  const target = quantizedOutput(node, view);
  const read = node.inputs.map((name) => dequantizedFrom(name, view));
  if (read.some((operand) => operand === undefined)) return undefined;
  const [a = [], b = [], bias = []] = read as readonly (readonly string[])[];
  const fused = (op: string, domain: IntegerNode['domain'], inputs: readonly string[]): Fused | undefined =>
    target && {
      node: { op, domain, inputs: [...inputs, ...target.parameters], outputs: [target.value] },
      absorbed: target.absorbed,
    };
  switch (node.op.kind) {
    case 'Conv': {
      const conv = fused('QLinearConv', '', [...a, ...b]);
      return conv && { ...conv, node: { ...conv.node, inputs: [...conv.node.inputs, ...bias.slice(0, 1)] } };
    }
    case 'Add':
      return fused('QLinearAdd', MICROSOFT, [...a, ...b]);
    case 'GlobalAveragePool':
      return fused('QLinearGlobalAveragePool', MICROSOFT, a);
    case 'MaxPool':
    case 'Flatten': {
      // Numbers are moved or chosen and stay what they are.
      const moved = fused(node.op.kind, '', a.slice(0, 1));
      if (!moved || !target || !sameParameters(a.slice(1), target.parameters, view)) return undefined;
      return { ...moved, node: { ...moved.node, inputs: a.slice(0, 1) } };
    }
    case 'Gemm': {
      const inputs = [...a, ...b, bias[0] ?? ''];
      if (target) return fused('QGemm', MICROSOFT, inputs);
      return { node: { op: 'QGemm', domain: MICROSOFT, inputs, outputs: node.outputs }, absorbed: [] };
    }
    default:
      return undefined;
  }
}

/** The stored integers, scale and zero point that a value is dequantized from. */
function dequantizedFrom(value: string, view: View): readonly string[] | undefined {
  const node = view.producer(value);
  return isKind(node, 'DequantizeLinear') ? node.inputs : undefined;
}

type Target = { readonly value: string; readonly parameters: readonly string[]; readonly absorbed: readonly string[] };

/** Where a node's output is stored as integers and nothing else reads it; a ReLU between them is what the integers' range does anyway. */
function quantizedOutput(node: Node, view: View): Target | undefined {
  const [next, ...more] = view.consumers(outputOf(node));
  if (!next || more.length > 0 || view.isOutput(outputOf(node))) return undefined;
  if (isKind(next, 'QuantizeLinear')) {
    return { value: outputOf(next), parameters: next.inputs.slice(1), absorbed: [next.name] };
  }
  if (!isKind(next, 'Relu')) return undefined;
  const behind = quantizedOutput(next, view);
  if (!behind || !startsAtZero(behind, view)) return undefined;
  return { ...behind, absorbed: [next.name, ...behind.absorbed] };
}

function startsAtZero({ parameters }: Target, view: View): boolean {
  const zeroPoint = view.graph.constants.get(parameters[1] ?? '');
  return zeroPoint?.dtype === 'uint8' && zeroPoint.read()[0] === 0;
}

function sameParameters(a: readonly string[], b: readonly string[], view: View): boolean {
  return a.every((name, i) => {
    const [left, right] = [view.graph.constants.get(name), view.graph.constants.get(b[i] ?? '')];
    return left !== undefined && left.dtype === right?.dtype && left.read()[0] === right.read()[0];
  });
}
