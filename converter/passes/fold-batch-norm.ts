import type { Constant, Node } from '../graph/graph.ts';
import type { Patch, Rewrite } from '../graph/patch.ts';
import { floatConstant, inputOf, isKind, outputOf } from '../graph/view.ts';

/**
 * Conv, BatchNormalization -> Conv: w' = w * gamma / sqrt(var + eps) per output channel, b' = beta + (b - mean) * gamma /
 * sqrt(var + eps) (Jacob et al. 2018, section 3.2), computed in double precision. Only where the norm alone reads the
 * convolution's output.
 */
export const foldBatchNorm: Rewrite = (node, view): Patch | undefined => {
  if (!isKind(node, 'BatchNormalization')) return undefined;
  const conv = view.producer(inputOf(node, 0));
  if (!isKind(conv, 'Conv') || view.consumers(outputOf(conv)).length > 1 || view.isOutput(outputOf(conv)))
    return undefined;
  const weightName = inputOf(conv, 1);
  const biasName = conv.inputs[2];
  const weight = floatConstant(view.graph, weightName);
  const bias = biasName === undefined ? undefined : floatConstant(view.graph, biasName);
  const { scale, shift } = channelAffine(
    node.inputs.slice(1).map((name) => floatConstant(view.graph, name).read()),
    node.op.epsilon,
  );
  const foldedBias = Float32Array.from(scale, (factor, i) => (bias?.read()[i] ?? 0) * factor + shift[i]!);
  const outBias = `${conv.name}.bias`;
  const folded: Node = { ...conv, inputs: [inputOf(conv, 0), weightName, outBias], outputs: conv.outputs };
  return {
    remove: [conv.name, node.name],
    add: [folded],
    constants: new Map<string, Constant>([
      [weightName, { ...weight, read: () => scaleRows(weight.read(), scale) }],
      [outBias, { dtype: 'float32', dims: [scale.length], read: () => foldedBias }],
    ]),
    replace: new Map([[outputOf(node), outputOf(conv)]]),
  };
};

/** gamma * (x - mean) / sqrt(var + eps) + beta as x * scale + shift. */
export function channelAffine(
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

/** Each row of a [rows, ...] array times its factor. */
export function scaleRows(data: Float32Array, factors: Float64Array): Float32Array {
  const out = new Float32Array(data.length);
  const row = data.length / factors.length;
  for (let r = 0; r < factors.length; r++) {
    const factor = factors[r]!;
    for (let i = r * row; i < (r + 1) * row; i++) out[i] = data[i]! * factor;
  }
  return out;
}
