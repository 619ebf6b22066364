import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant, Dim, Graph, Node } from './graph.ts';
import type { Facts } from './verify.ts';
import { floatConstant, inputOf, isKind, outputOf, type View } from './view.ts';

/** A node that computes x * scale + shift for every channel (axis 1) of its input. */
export type Affine = {
  readonly input: string;
  readonly scale: Float64Array;
  readonly shift: Float64Array;
};

/** A batch norm, or a sum, difference, product or quotient with constants of one number a channel; undefined for any other node. */
export function affineOf(node: Node, graph: Graph, facts: Facts): Affine | undefined {
  if (isKind(node, 'BatchNormalization')) {
    const parameters = node.inputs.slice(1).map((name) => floatConstant(graph, name).read());
    return { input: inputOf(node, 0), ...channelAffine(parameters, node.op.epsilon) };
  }
  const { kind } = node.op;
  if (kind !== 'Add' && kind !== 'Sub' && kind !== 'Mul' && kind !== 'Div') return undefined;
  const [left, right] = [inputOf(node, 0), inputOf(node, 1)];
  const swapped = graph.constants.has(left);
  const operand = graph.constants.get(swapped ? left : right);
  const input = swapped ? right : left;
  const dims = facts.get(input)?.dims ?? [];
  // The constant must not widen its operand.
  if (operand?.dtype !== 'float32' || facts.get(outputOf(node))?.dims.length !== dims.length) return undefined;
  if (graph.constants.has(input) || (swapped && kind === 'Div')) return undefined;
  const values = perChannel(operand, dims);
  if (values === undefined) return undefined;
  const one = new Float64Array(values.length).fill(1);
  switch (kind) {
    case 'Add':
      return { input, scale: one, shift: values };
    case 'Sub':
      return swapped
        ? { input, scale: one.map((value) => -value), shift: values }
        : { input, scale: one, shift: values.map((value) => -value) };
    case 'Mul':
      return { input, scale: values, shift: new Float64Array(values.length) };
    case 'Div':
      return { input, scale: values.map((value) => 1 / value), shift: new Float64Array(values.length) };
  }
}

/** The layer that takes up channel arithmetic on its output, which has no other reader. */
export function foldsInto(value: string, view: View): Node | undefined {
  const layer = view.producer(value);
  const takes = isKind(layer, 'Conv') || (isKind(layer, 'Gemm') && layer.op.transB);
  return takes && view.consumers(value).length === 1 && !view.isOutput(value) ? layer : undefined;
}

/** A constant as one number for each channel of [N, C, ...]; undefined where it differs along another axis. */
function perChannel(constant: Constant<'float32'>, dims: readonly Dim[]): Float64Array | undefined {
  const channels = dims[1];
  const count = elementCount(constant.dims);
  if (typeof channels !== 'number' || constant.dims.length > dims.length) return undefined;
  const axis = 1 - (dims.length - constant.dims.length);
  const size = axis < 0 ? 1 : (constant.dims[axis] ?? 1);
  if (count !== size || (size !== 1 && size !== channels)) return undefined;
  const data = constant.read();
  return Float64Array.from({ length: channels }, (_, c) => data[size === 1 ? 0 : c]!);
}

/** gamma * (x - mean) / sqrt(var + eps) + beta as x * scale + shift. */
function channelAffine(
  [gamma, beta, mean, variance]: readonly Float32Array[],
  epsilon: number,
): { readonly scale: Float64Array; readonly shift: Float64Array } {
  const channels = gamma?.length ?? 0;
  const scale = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let i = 0; i < channels; i++) {
    scale[i] = gamma![i]! / Math.sqrt(variance![i]! + epsilon);
    shift[i] = beta![i]! - mean![i]! * scale[i]!;
  }
  return { scale, shift };
}
