import { toHalf } from '../../src/tensor/half.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import type { OpKind } from '../graph/op.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

const WEIGHTED: ReadonlySet<OpKind> = new Set<OpKind>(['Conv', 'Gemm', 'MatMul']);
/** Never in float16: a Cast says its type itself, and probabilities far below 1 keep their digits. */
const FLOAT32: ReadonlySet<OpKind> = new Set<OpKind>(['Cast', 'Softmax', 'DequantizeLinear']);

/**
 * A float32 graph in float16: weights, values and arithmetic, with float32 at its inputs and outputs as before. Nodes named in `single`
 * stay in float32; a Cast stands wherever a value passes from one side to the other.
 */
export function halfGraph(graph: Graph, single: ReadonlySet<string>): Graph {
  const facts = verify(graph, 'half precision');
  const halved = halvedNodes(graph, facts, single);
  const inHalf = new Set(graph.nodes.filter(({ name }) => halved.has(name)).map(outputOf));
  const outputs = new Set(graph.outputs);
  const constants = new Map<string, Constant>();
  const readInSingle = new Set(graph.nodes.filter(({ name }) => !halved.has(name)).flatMap(({ inputs }) => inputs));
  const casts = new Set<string>();
  const nodes: Node[] = [];

  const cast = (from: string, name: string, to: 'float16' | 'float32'): string => {
    if (!casts.has(name))
      nodes.push({ name: `${name}.cast`, op: { kind: 'Cast', to }, inputs: [from], outputs: [name] });
    casts.add(name);
    return name;
  };
  // An output keeps its name in float32.
  const stored = (value: string): string => (inHalf.has(value) && outputs.has(value) ? `${value}.half` : value);
  const read = (value: string, half: boolean): string => {
    const constant = graph.constants.get(value);
    if (constant) {
      const name = half && readInSingle.has(value) ? `${value}.half` : value;
      constants.set(name, half ? halfConstant(constant) : constant);
      return name;
    }
    if (facts.get(value)?.dtype !== 'float32' || half === inHalf.has(value)) return stored(value);
    return half ? cast(value, `${value}.half`, 'float16') : cast(stored(value), `${value}.single`, 'float32');
  };

  for (const node of graph.nodes) {
    const half = halved.has(node.name);
    const inputs = node.inputs.map((value) => read(value, half));
    nodes.push({ ...node, inputs, outputs: node.outputs.map(stored) });
    const output = outputOf(node);
    if (half && outputs.has(output)) cast(stored(output), output, 'float32');
  }
  const result = { ...graph, nodes, constants };
  verify(result, 'half precision');
  return result;
}

/** Nodes that compute float32 numbers and may do so in float16. */
export function halvedNodes(graph: Graph, facts: Facts, single: ReadonlySet<string>): ReadonlySet<string> {
  const behindWeights = new Set<string>();
  const halved = new Set<string>();
  for (const node of graph.nodes) {
    // What comes before the first layer is normalisation, on few numbers, whose error would reach everything.
    if (!WEIGHTED.has(node.op.kind) && !node.inputs.some((value) => behindWeights.has(value))) continue;
    behindWeights.add(outputOf(node));
    const computes = facts.get(outputOf(node))?.dtype === 'float32' && !FLOAT32.has(node.op.kind);
    if (computes && !single.has(node.name)) halved.add(node.name);
  }
  return halved;
}

function halfConstant(constant: Constant): Constant {
  if (constant.dtype !== 'float32') return constant;
  return { dtype: 'float16', dims: constant.dims, read: () => toHalf(constant.read()) };
}
