import { affineOf, foldsInto } from '../graph/affine.ts';
import type { Constant } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, outputOf } from '../graph/view.ts';
import type { Simplification } from './settle.ts';

/**
 * Conv or Gemm, then a batch norm, which may be spelled out (x - mean, * gamma, / deviation, + beta) -> Conv or Gemm: w' = w * gamma /
 * sqrt(var + eps) per output channel, b' = beta + (b - mean) * gamma / sqrt(var + eps) (Jacob et al. 2018, section 3.2), in double
 * precision. Only where the layer's output has no other reader.
 */
export const foldAffine: Simplification = (node, view, facts) => {
  const affine = affineOf(node, view.graph, facts);
  const layer = affine && foldsInto(affine.input, view);
  if (!affine || !layer) return undefined;
  const weightName = inputOf(layer, 1);
  const biasName = `${layer.name}.bias`;
  const weight = floatConstant(view.graph, weightName);
  const bias = layer.inputs[2] === undefined ? undefined : floatConstant(view.graph, layer.inputs[2]);
  const { scale, shift } = affine;
  const scaled = scale.some((factor) => factor !== 1);
  const moved = Float32Array.from(scale, (factor, i) => (bias?.read()[i] ?? 0) * factor + shift[i]!);
  const constants: (readonly [string, Constant])[] = [
    [biasName, { dtype: 'float32', dims: [moved.length], read: () => moved }],
  ];
  if (scaled) constants.push([weightName, { ...weight, read: () => scaleRows(weight.read(), scale) }]);
  const inputs = [inputOf(layer, 0), weightName, biasName];
  return { nodes: [{ ...layer, inputs }], constants, removes: [layer], readers: outputOf(layer) };
};

/** Each row of a [rows, ...] array times its factor. */
function scaleRows(data: Float32Array, factors: Float64Array): Float32Array {
  const out = new Float32Array(data.length);
  const row = data.length / factors.length;
  for (let r = 0; r < factors.length; r++) {
    const factor = factors[r]!;
    for (let i = r * row; i < (r + 1) * row; i++) out[i] = data[i]! * factor;
  }
  return out;
}

/**
 * A batch norm, or a product with one number a channel, that follows no layer -> a depthwise 1 x 1 Conv, which has an integer kernel
 * and into which what follows can fold.
 */
export const normToConv: Simplification = (node, view, facts) => {
  if (!isKind(node, 'BatchNormalization') && !isKind(node, 'Mul')) return undefined;
  const affine = affineOf(node, view.graph, facts);
  const dims = affine && facts.get(affine.input)?.dims;
  // Scaling by one number for all is left as it is, and so is what comes first: it is normalisation.
  const uniform = isKind(node, 'Mul') && affine?.scale.every((factor) => factor === affine.scale[0]);
  if (!affine || dims?.length !== 4 || uniform || view.producer(affine.input) === undefined) return undefined;
  const channels = affine.scale.length;
  const [weight, bias] = [`${node.name}.weight`, `${node.name}.bias`];
  const [factors, shifts] = [Float32Array.from(affine.scale), Float32Array.from(affine.shift)];
  return {
    nodes: [
      {
        ...node,
        op: { kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels },
        inputs: [affine.input, weight, bias],
      },
    ],
    constants: [
      [weight, { dtype: 'float32', dims: [channels, 1, 1, 1], read: () => factors }],
      [bias, { dtype: 'float32', dims: [channels], read: () => shifts }],
    ],
  };
};
