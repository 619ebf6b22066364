import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant, Dim, Graph, Node } from '../graph/graph.ts';
import type { Op } from '../graph/op.ts';
import { isUnary } from '../graph/ops/activation.ts';
import { transposed } from '../graph/ops/kernels.ts';
import { dropDead } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

/** A value that is another one transposed: axis i is axis perm[i] of `base`. */
type Moved = { readonly base: string; readonly perm: readonly number[] };

/**
 * Carries every Transpose down through what does not mind the order of axes, until it meets its inverse: the layout changes that
 * exporters put around each convolution are gone. One walk; those that nothing cancels stand where they are needed.
 */
export function sinkTransposes(graph: Graph): Graph {
  if (!graph.nodes.some(({ op }) => op.kind === 'Transpose')) return graph;
  const facts = verify(graph, 'transposes');
  const moved = new Map<string, Moved>();
  const made = new Set<string>();
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];

  /** A value in its own layout. */
  const inPlace = (value: string): string => {
    const from = moved.get(value);
    if (from === undefined) return value;
    if (isIdentity(from.perm)) return from.base;
    const name = from.base === value ? `${value}.transposed` : value;
    if (!made.has(name)) {
      made.add(name);
      nodes.push({ name, op: { kind: 'Transpose', perm: from.perm }, inputs: [from.base], outputs: [name] });
    }
    return name;
  };
  const dimsOf = (value: string): readonly Dim[] => facts.get(value)?.dims ?? [];

  for (const node of graph.nodes) {
    const output = outputOf(node);
    const [first = ''] = node.inputs;
    const perm = sharedPerm(node, graph, moved, dimsOf(output).length);
    if (node.op.kind === 'Transpose') {
      const { base, perm: before } = moved.get(first) ?? { base: first, perm: node.op.perm.map((_, axis) => axis) };
      moved.set(output, { base, perm: node.op.perm.map((axis) => before[axis]!) });
      continue;
    }
    const carried = perm && carry(node.op, perm, dimsOf(first));
    if (perm && carried) {
      const inputs = node.inputs.map((name) => {
        const constant = constants.get(name);
        if (constant === undefined) return moved.get(name)?.base ?? name;
        constants.set(name, inBase(constant, perm));
        return name;
      });
      nodes.push({ ...node, op: carried.op, inputs });
      if (!isIdentity(carried.perm)) moved.set(output, { base: output, perm: carried.perm });
    } else {
      nodes.push({ ...node, inputs: node.inputs.map(inPlace) });
    }
  }
  const outputs = graph.outputs.map(inPlace);
  return dropDead({ ...graph, nodes, constants, outputs });
}

function isIdentity(perm: readonly number[]): boolean {
  return perm.every((axis, i) => axis === i);
}

/** The permutation that all computed inputs of a node have in common. */
function sharedPerm(
  node: Node,
  graph: Graph,
  moved: ReadonlyMap<string, Moved>,
  rank: number,
): readonly number[] | undefined {
  const computed = node.inputs.filter((name) => !graph.constants.has(name));
  const [first, ...others] = computed.map((name) => moved.get(name)?.perm);
  if (first === undefined || isIdentity(first)) return undefined;
  const wide = node.inputs.some((name) => (graph.constants.get(name)?.dims.length ?? 0) > first.length);
  if (wide || (computed.length > 1 && rank !== first.length)) return undefined;
  return others.every((perm) => perm?.join() === first.join()) ? first : undefined;
}

/** The op on the base's axes, and the permutation of its result; undefined for one that has to see its own layout. */
function carry(
  op: Op,
  perm: readonly number[],
  dims: readonly Dim[],
): { readonly op: Op; readonly perm: readonly number[] } | undefined {
  if (isUnary(op.kind)) return { op, perm };
  switch (op.kind) {
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'PRelu':
      return { op, perm };
    case 'Concat':
    case 'Softmax':
      return { op: { ...op, axis: perm[op.axis]! }, perm };
    case 'Pad': {
      const rank = perm.length;
      const pads = new Array<number>(2 * rank).fill(0);
      for (const [axis, from] of perm.entries()) {
        pads[from] = op.pads[axis]!;
        pads[from + rank] = op.pads[axis + rank]!;
      }
      return { op: { ...op, pads }, perm };
    }
    case 'Slice':
      return { op: { ...op, axes: op.axes.map((axis) => perm[axis]!) }, perm };
    case 'ReduceMean': {
      const axes = op.axes.map((axis) => perm[axis]!).toSorted((a, b) => a - b);
      const left = perm.filter((_, axis) => !op.axes.includes(axis));
      const order = left.toSorted((a, b) => a - b);
      return { op: { ...op, axes }, perm: op.keepDims ? perm : left.map((axis) => order.indexOf(axis)) };
    }
    case 'Flatten':
    case 'Reshape':
      return keepsOrder(op, perm, dims) ? { op, perm: [] } : undefined;
    default:
      return undefined;
  }
}

/** True where the numbers lie in the same order either way, and the batch stays in front. */
function keepsOrder(op: Op, perm: readonly number[], dims: readonly Dim[]): boolean {
  const kept = op.kind === 'Reshape' ? op.shape.every((size, axis) => size !== 0 || axis === 0) : true;
  const order = perm.filter((_, axis) => dims[axis] !== 1);
  return kept && perm[0] === 0 && order.every((axis, i) => i === 0 || axis > order[i - 1]!);
}

/** A constant that broadcasts against a transposed value, as it has to stand against the base. */
function inBase(constant: Constant, perm: readonly number[]): Constant {
  if (elementCount(constant.dims) === 1) return { ...constant, dims: [] };
  const dims = [...new Array<number>(perm.length - constant.dims.length).fill(1), ...constant.dims];
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return transposed({ ...constant, dims }, inverse);
}
