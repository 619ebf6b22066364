import { float, int, ints } from '../../graph/ops/types.ts';
import { type Attributes, type Call, onImage, type Translator } from '../types.ts';
import { activate, fusedOf } from './activation.ts';

/** Refuses channels in front: TensorFlow.js computes on [N, H, W, C]. */
function expectChannelsLast({ source }: Call): void {
  const format = source.text('data_format', 'NHWC');
  if (format !== 'NHWC') source.refuse(`data_format NHWC, received ${format}: convert the model with channels last`);
}

/** Rows and columns of a list for [N, H, W, C]. */
function spatial({ source }: Call, name: string): readonly number[] {
  const listed = source.ints(name) ?? [];
  const [n, rows, columns, channels] = listed;
  if (listed.length !== 4 || n !== 1 || channels !== 1 || !rows || !columns) {
    return source.refuse(`[1, rows, columns, 1] as ${name}, received [${listed.slice(0, 8)}]`);
  }
  return [rows, columns];
}

/** Old files do not state them. */
function dilationsOf(call: Call): Attributes {
  return call.node.attributes.has('dilations') ? { dilations: ints(spatial(call, 'dilations')) } : {};
}

/** Strides and padding as ONNX states them. */
function windowOf(call: Call): Attributes {
  expectChannelsLast(call);
  const { source } = call;
  const strides = { strides: ints(spatial(call, 'strides')) };
  const padding = source.text('padding', 'VALID');
  switch (padding) {
    case 'SAME':
      return { ...strides, auto_pad: { kind: 'string', value: 'SAME_UPPER' } };
    case 'VALID':
      return strides;
    case 'EXPLICIT': {
      const counts = source.ints('explicit_paddings') ?? [];
      const [n0, n1, top = 0, bottom = 0, left = 0, right = 0, c0, c1] = counts;
      if (counts.length !== 8 || n0 !== 0 || n1 !== 0 || c0 !== 0 || c1 !== 0) {
        source.refuse(`explicit_paddings of rows and columns, received [${counts.slice(0, 8)}]`);
      }
      return { ...strides, pads: ints([top, left, bottom, right]) };
    }
    default:
      return source.refuse(`padding SAME, VALID or EXPLICIT, received ${padding}`);
  }
}

/** What is behind the filter: a bias, then what is fused with the convolution. */
function convolve(call: Call, weight: string, attributes: Attributes): string {
  const fused = fusedOf(call);
  const operands = fused.bias === undefined ? [weight] : [weight, fused.bias];
  const made = onImage(call, (image) => call.emit('Conv', [image, ...operands], attributes));
  return activate(call, made, fused);
}

/** TensorFlow stores filters as [rows, columns, in, out]. */
const conv2D: Translator = (call) => {
  const weight = call.emit('Transpose', [call.input(1)], { perm: ints([3, 2, 0, 1]) }, 'weight');
  return convolve(call, weight, { ...windowOf(call), ...dilationsOf(call) });
};

/** [rows, columns, in, multiplier]: a grouped convolution of one channel each. */
const depthwise: Translator = (call) => {
  const [rows = 0, columns = 0, channels = 0, multiplier = 0] = call.source.constant(1, 'weights').dims;
  const moved = call.emit('Transpose', [call.input(1)], { perm: ints([2, 3, 0, 1]) }, 'moved');
  const shape = call.list([channels * multiplier, 1, rows, columns], 'shape');
  const weight = call.emit('Reshape', [moved, shape], {}, 'weight');
  return convolve(call, weight, { ...windowOf(call), ...dilationsOf(call), group: int(channels) });
};

function pool(op: string): Translator {
  return (call) => {
    const attributes = { ...windowOf(call), kernel_shape: ints(spatial(call, 'ksize')) };
    return onImage(call, (image) => call.emit(op, [image], attributes));
  };
}

const batchNorm: Translator = (call) => {
  expectChannelsLast(call);
  if (call.source.int('is_training', 0) !== 0) {
    call.source.refuse('a trained model, received one in training mode: convert it for inference');
  }
  const epsilon = float(call.source.float('epsilon', 1e-4));
  return onImage(call, (image) => call.emit('BatchNormalization', [image, ...call.inputs.slice(1, 5)], { epsilon }));
};

/** ONNX divides alpha by the size. */
const localResponse: Translator = (call) => {
  const { source } = call;
  const size = 2 * source.int('depth_radius', 5) + 1;
  const attributes = {
    size: int(size),
    alpha: float(source.float('alpha', 1) * size),
    beta: float(source.float('beta', 0.5)),
    bias: float(source.float('bias', 1)),
  };
  return onImage(call, (image) => call.emit('LRN', [image], attributes));
};

export const windows: Readonly<Record<string, Translator>> = {
  _FusedConv2D: conv2D,
  AvgPool: pool('AveragePool'),
  Conv2D: conv2D,
  DepthwiseConv2d: depthwise,
  DepthwiseConv2dNative: depthwise,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  FusedDepthwiseConv2dNative: depthwise,
  LRN: localResponse,
  MaxPool: pool('MaxPool'),
};
