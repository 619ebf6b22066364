import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { behindInput, type Patch, type Rewrite } from '../graph/patch.ts';
import { floatConstant, inputOf, isKind } from '../graph/view.ts';

/** Mean in pixel units and 1 / (scale * std) of each colour, in the order red, green, blue. */
type ColourAffine = {
  readonly mean: readonly number[];
  readonly factor: readonly number[];
  readonly order: readonly number[];
};

function colourAffine(preprocessing: Preprocessing): ColourAffine {
  const { mean, std, scale, channels } = preprocessing;
  // order[colour] is the channel of the trained network that takes this colour.
  const order = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  return {
    order,
    mean: order.map((channel) => mean[channel]! * scale),
    factor: order.map((channel) => 1 / (scale * std[channel]!)),
  };
}

/**
 * The first convolution takes raw bytes: input uint8 [N, H, W, 3] RGB, normalisation as a subtraction of the mean before the
 * convolution (so that zero padding keeps its meaning) and the rest folded into its weights. Exact in float.
 */
export function centredInput(preprocessing: Preprocessing): Rewrite {
  const { mean, factor, order } = colourAffine(preprocessing);
  return stemRewrite((stem, weight, input) => {
    const values = Float32Array.from(mean);
    return {
      nodes: [
        step('pixels', { kind: 'Transpose', perm: [0, 3, 1, 2] }, [input]),
        step('pixels.float', { kind: 'Cast', to: 'float32' }, ['pixels']),
        step('pixels.centred', { kind: 'Sub' }, ['pixels.float', 'pixels.mean']),
        { ...stem, inputs: ['pixels.centred', ...stem.inputs.slice(1)] },
      ],
      constants: [['pixels.mean', { dtype: 'float32', dims: [1, 3, 1, 1], read: () => values }]],
      weight: { ...weight, read: () => colourKernel(weight, order, factor) },
    };
  });
}

/**
 * The first convolution takes raw bytes as its quantized input: the stored value is the pixel itself, scale 1, so quantizing
 * the input loses nothing.
 *
 * One zero point z cannot stand for three means m, and padding writes z. A fourth channel that is constant v inside the picture
 * (and z, hence 0, in the padding) carries the difference: its weight is sum_c w_c (z - m_c) / (v - z), tap by tap, so borders
 * are as exact as the interior. With |v - z| = sum_c |z - m_c| that weight never exceeds the others, so it costs no
 * resolution, and its rounding error is multiplied by the smallest v - z that allows this. The channel also takes up, tap by
 * tap, what rounding the other three adds to the mean (see quantize/layers.ts).
 */
export function pixelInput(preprocessing: Preprocessing): Rewrite {
  const { factor, order } = colourAffine(preprocessing);
  const { zero, constant, offsets } = pixelCode(preprocessing);
  return stemRewrite((stem, weight, input) => ({
    nodes: [
      step('pixels.padded', { kind: 'Pad', pads: [0, 0, 0, 0, 0, 0, 0, 1], value: constant }, [input]),
      step('pixels', { kind: 'Transpose', perm: [0, 3, 1, 2] }, ['pixels.padded']),
      step('pixels.dq', { kind: 'DequantizeLinear' }, ['pixels', 'pixels.scale', 'pixels.zero_point']),
      { ...stem, inputs: ['pixels.dq', ...stem.inputs.slice(1)] },
    ],
    constants: [
      ['pixels.scale', { dtype: 'float32', dims: [], read: () => Float32Array.of(1) }],
      ['pixels.zero_point', { dtype: 'uint8', dims: [], read: () => Uint8Array.of(zero) }],
    ],
    weight: {
      dtype: 'float32',
      dims: [weight.dims[0]!, 4, ...weight.dims.slice(2)],
      read: () => withOffsetChannel(colourKernel(weight, order, factor), weight.dims, offsets),
    },
  }));
}

/** How pixels stand for a quantized input: see {@link pixelInput}. */
export type PixelCode = {
  /** The zero point, and each colour's mean, in pixel units. */
  readonly zero: number;
  readonly mean: readonly number[];
  /** The fourth channel's value inside the picture. */
  readonly constant: number;
  /** What each colour's weight adds to the fourth channel's. */
  readonly offsets: readonly number[];
};

/** Least distance of the fourth channel from the zero point, so that its weights can also take up the others' rounding. */
const LEAST_REACH = 4;

export function pixelCode(preprocessing: Preprocessing): PixelCode {
  const { mean } = colourAffine(preprocessing);
  const average = mean.reduce((sum, m) => sum + m, 0) / mean.length;
  const zero = Math.min(255, Math.max(0, Math.round(average)));
  const distance = mean.reduce((sum, m) => sum + Math.abs(zero - m), 0);
  const reach = Math.max(LEAST_REACH, Math.ceil(distance));
  // Above the zero point where there is room; where neither side has enough, the one with more.
  const above = Math.min(255, zero + reach);
  const below = Math.max(0, zero - reach);
  const constant = above - zero >= zero - below ? above : below;
  return { zero, mean, constant, offsets: mean.map((m) => (zero - m) / (constant - zero)) };
}

/** The classic interface in the layout NHWC: float32 [N, H, W, 3], already normalised. */
export function channelsLastInput(graph: Graph): Graph {
  const [input] = graph.inputs;
  if (input === undefined) return graph;
  const [n = 'N', c = 3, h = 0, w = 0] = input.dims;
  const transpose = step('input.nchw', { kind: 'Transpose', perm: [0, 3, 1, 2] }, [input.name]);
  return behindInput(graph, input, transpose, [n, h, w, c]);
}

type StemEdit = {
  readonly nodes: readonly Node[];
  readonly constants: readonly (readonly [string, Constant])[];
  readonly weight: Constant<'float32'>;
};

/** A rewrite of the one convolution that reads the graph's NCHW input; the input becomes uint8 NHWC. */
function stemRewrite(edit: (stem: Node, weight: Constant<'float32'>, input: string) => StemEdit): Rewrite {
  return (node, view): Patch | undefined => {
    const input = view.graph.inputs[0];
    if (!input || !isKind(node, 'Conv') || inputOf(node, 0) !== input.name) return undefined;
    const weightName = inputOf(node, 1);
    const { nodes, constants, weight } = edit(node, floatConstant(view.graph, weightName), input.name);
    const [n = 'N', c = 3, h = 0, w = 0] = input.dims;
    return {
      remove: [node.name],
      add: nodes,
      constants: new Map<string, Constant>([...constants, [weightName, weight]]),
      inputs: new Map([[input.name, { name: input.name, dtype: 'uint8', dims: [n, h, w, c] }]]),
    };
  };
}

function step(name: string, op: Node['op'], inputs: readonly string[]): Node {
  return { name, op, inputs, outputs: [name] };
}

/** A kernel [out, 3, h, w] with its input channels in the order red, green, blue, each times its colour's factor. */
function colourKernel(weight: Constant<'float32'>, order: readonly number[], factor: readonly number[]): Float32Array {
  const data = weight.read();
  const [out = 0, channels = 0, h = 0, w = 0] = weight.dims;
  const area = h * w;
  const result = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let colour = 0; colour < channels; colour++) {
      const from = (o * channels + order[colour]!) * area;
      const to = (o * channels + colour) * area;
      for (let i = 0; i < area; i++) result[to + i] = data[from + i]! * factor[colour]!;
    }
  }
  return result;
}

function withOffsetChannel(data: Float32Array, dims: readonly number[], offsets: readonly number[]): Float32Array {
  const [out = 0, channels = 0, h = 0, w = 0] = dims;
  const area = h * w;
  const result = new Float32Array(out * (channels + 1) * area);
  for (let o = 0; o < out; o++) {
    const kernel = data.subarray(o * channels * area, (o + 1) * channels * area);
    const at = o * (channels + 1) * area;
    result.set(kernel, at);
    for (let i = 0; i < area; i++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += kernel[c * area + i]! * offsets[c]!;
      result[at + channels * area + i] = sum;
    }
  }
  return result;
}
