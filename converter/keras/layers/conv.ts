import type { Constant } from '../../graph/graph.ts';
import type { Pair } from '../../graph/op.ts';
import { transposed } from '../../graph/ops/kernels.ts';
import type { Call, LayerReader, Value } from '../types.ts';
import { activate } from './activation.ts';
import { padsOf } from './window.ts';

type Geometry = { readonly kernel: Pair; readonly strides: Pair; readonly dilations: Pair };

/** `weight` is [out, in / group, rows, columns]. */
function convolve(
  call: Call,
  value: Value,
  weight: Constant<'float32'>,
  bias: Constant<'float32'> | undefined,
  group: number,
  { kernel, strides, dilations }: Geometry,
): Value {
  const [, , h, w] = value.fact.dims;
  const pads = padsOf(call, [Number(h), Number(w)], kernel, strides, dilations);
  const dilated = dilations.some((dilation) => dilation !== 1) ? { dilations } : {};
  return call.emit({ kind: 'Conv', kernel, strides, pads, group, ...dilated }, [
    value,
    weight,
    ...(bias ? [bias] : []),
  ]);
}

function geometryOf(call: Call): Geometry {
  return {
    kernel: call.pair('kernel_size', [1, 1]),
    strides: call.pair('strides', [1, 1]),
    dilations: call.pair('dilation_rate', [1, 1]),
  };
}

function countOf(call: Call, name: string, otherwise?: number): number {
  const count = call.number(name) ?? otherwise ?? 0;
  if (!Number.isInteger(count) || count < 1) call.refuse(`a number above 0 as ${name}`);
  return count;
}

/** Keras stores kernels as [rows, columns, in / group, out]. */
const conv2D: LayerReader = (call) => {
  const { value, dims } = call.image();
  const geometry = geometryOf(call);
  const [filters, groups] = [countOf(call, 'filters'), countOf(call, 'groups', 1)];
  const biased = call.flag('use_bias', true);
  const [kernel, bias] = call.weights([
    { name: 'kernel', dims: [...geometry.kernel, dims[0] / groups, filters] },
    ...(biased ? [{ name: 'bias', dims: [filters] }] : []),
  ]);
  const made = convolve(call, value, transposed(kernel!, [3, 2, 0, 1]), bias, groups, geometry);
  return activate(call, made, call.raw('activation'));
};

/** [rows, columns, in, multiplier]: the kernels of one channel lie together, as a grouped convolution wants them. */
function depthwise(kernel: Constant<'float32'>): Constant<'float32'> {
  const moved = transposed(kernel, [2, 3, 0, 1]);
  const [channels = 0, multiplier = 0, ...size] = moved.dims;
  return { ...moved, dims: [channels * multiplier, 1, ...size] };
}

const depthwiseConv2D: LayerReader = (call) => {
  const { value, dims } = call.image();
  const [channels] = dims;
  const geometry = geometryOf(call);
  const multiplier = countOf(call, 'depth_multiplier', 1);
  const biased = call.flag('use_bias', true);
  const [kernel, bias] = call.weights([
    { name: 'kernel', dims: [...geometry.kernel, channels, multiplier] },
    ...(biased ? [{ name: 'bias', dims: [channels * multiplier] }] : []),
  ]);
  const made = convolve(call, value, depthwise(kernel!), bias, channels, geometry);
  return activate(call, made, call.raw('activation'));
};

const separableConv2D: LayerReader = (call) => {
  const { value, dims } = call.image();
  const [channels] = dims;
  const geometry = geometryOf(call);
  const [filters, multiplier] = [countOf(call, 'filters'), countOf(call, 'depth_multiplier', 1)];
  const biased = call.flag('use_bias', true);
  const [first, second, bias] = call.weights([
    { name: 'depthwise kernel', dims: [...geometry.kernel, channels, multiplier] },
    { name: 'pointwise kernel', dims: [1, 1, channels * multiplier, filters] },
    ...(biased ? [{ name: 'bias', dims: [filters] }] : []),
  ]);
  const spread = convolve(call, value, depthwise(first!), undefined, channels, geometry);
  const point: Geometry = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1] };
  const made = convolve(call, spread, transposed(second!, [3, 2, 0, 1]), bias, 1, point);
  return activate(call, made, call.raw('activation'));
};

/** On an image it is a 1 x 1 convolution. */
const dense: LayerReader = (call) => {
  const value = call.input();
  const { dims } = value.fact;
  const image = dims.length === 4;
  if (dims.length !== 2 && !(image && call.channelsLast)) {
    call.refuse(`a row of numbers or an image, received ${dims.length} dimensions`);
  }
  const [features, units] = [Number(dims[1]), countOf(call, 'units')];
  const biased = call.flag('use_bias', true);
  const [kernel, bias] = call.weights([
    { name: 'kernel', dims: [features, units] },
    ...(biased ? [{ name: 'bias', dims: [units] }] : []),
  ]);
  const weight = transposed(kernel!, [1, 0]);
  const rest = bias ? [bias] : [];
  const made = image
    ? call.emit({ kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 }, [
        value,
        { ...weight, dims: [units, features, 1, 1] },
        ...rest,
      ])
    : call.emit({ kind: 'Gemm', transB: true }, [value, weight, ...rest]);
  return activate(call, made, call.raw('activation'));
};

export const convolutions: Readonly<Record<string, LayerReader>> = {
  Conv2D: conv2D,
  Convolution2D: conv2D,
  Dense: dense,
  DepthwiseConv2D: depthwiseConv2D,
  SeparableConv2D: separableConv2D,
};
