import type { Constant } from '../../graph/graph.ts';
import type { Pads, Pair } from '../../graph/op.ts';
import { transposed } from '../../graph/ops/kernels.ts';
import type { Call, OperatorReader, StoredLayer, Value } from '../types.ts';
import { activated } from './activation.ts';
import { channelsFirst, channelsLast, imageDims, padsOf, pairOption } from './image.ts';
import { byteOption, flagOption } from './options.ts';

type Layer = {
  readonly weight: Constant<'float32'>;
  readonly arrange: StoredLayer['arrange'];
  readonly group: number;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Number of the field that names the activation. */
  readonly activation: number;
};

/** Weights as [out, in / group, rows, columns]. */
function convolve(call: Call, value: Value, { weight, arrange, group, strides, activation, ...layer }: Layer): Value {
  const [h, w] = imageDims(call, value);
  const [out = 0, , rows = 0, columns = 0] = weight.dims;
  const kernel = [rows, columns] as const;
  const apart = value.spread && dilatedBy(call, value.spread, strides, layer.dilations);
  const dilations = apart?.dilations ?? layer.dilations;
  const pads = apart?.pads ?? padsOf(call, [h, w], kernel, strides, dilations);
  const dilated = dilations.some((dilation) => dilation !== 1) ? { dilations } : {};
  const bias = biasOf(call, out);
  const op = { kind: 'Conv', kernel, strides, pads, group, ...dilated } as const;
  const made = activated(call, op, [channelsFirst(call, value), weight, ...bias], activation);
  const last = channelsLast(call, stored(call, made, arrange));
  return value.spread ? { ...last, spread: { ...value.spread, convolved: true } } : last;
}

function biasOf(call: Call, rows: number): readonly Constant<'float32'>[] {
  if (!call.has(2)) return [];
  const bias = call.constant(2, 'a bias');
  return bias.dims.length === 1 && bias.dims[0] === rows
    ? [bias]
    : call.refuse(`a bias of [${rows}], received [${bias.dims.join(', ')}],`);
}

function stored(call: Call, made: Value, arrange: StoredLayer['arrange']): Value {
  call.store(made, { weight: call.tensor(1), bias: call.has(2) ? call.tensor(2) : undefined, arrange });
  return made;
}

/** A convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND is one whose taps lie apart by the block's size. */
function dilatedBy(
  call: Call,
  { block, pads, convolved }: NonNullable<Value['spread']>,
  strides: Pair,
  dilations: Pair,
): { readonly dilations: Pair; readonly pads: Pads } {
  const next = call.reader();
  const [size, crops] = next?.op === 'BATCH_TO_SPACE_ND' ? [next.integers(1), next.integers(2)] : [[], []];
  const plain = byteOption(call, 0) === 1 && [...strides, ...dilations].every((step) => step === 1);
  if (!plain || convolved || size.join() !== block.join() || crops.length !== 4) {
    return call.refuse('a convolution without padding between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND of one block');
  }
  const [top, bottom, left, right] = crops as readonly [number, number, number, number];
  const remaining = [pads[0] - top, pads[1] - left, pads[2] - bottom, pads[3] - right] as const;
  return remaining.every((count) => count >= 0)
    ? { dilations: block, pads: remaining }
    : call.refuse('no more to be cropped than was padded');
}

/** TFLite stores [out, rows, columns, in / group]. */
const conv2D: OperatorReader = (call) => {
  const value = call.value(0);
  const [, , channels] = imageDims(call, value);
  const kernel = call.constant(1, 'weights');
  const [out, , , perGroup = 0] = kernel.dims;
  if (kernel.dims.length !== 4 || kernel.dims.includes(0) || channels % perGroup !== 0) {
    call.refuse(`weights of [out, rows, columns, ${channels} / group], received [${kernel.dims.join(', ')}],`);
  }
  const arrange = <C extends Constant>(constant: C): C => transposed(constant, [0, 3, 1, 2]);
  const group = channels / perGroup;
  if (Number(out) % group !== 0) call.refuse(`filters for ${group} groups, received ${out},`);
  return convolve(call, value, {
    ...{ weight: arrange(kernel), arrange, group, activation: 3 },
    strides: pairOption(call, 1, 0),
    dilations: pairOption(call, 4, 1),
  });
};

/** [1, rows, columns, channels * multiplier]: the kernels of one channel lie together, as a grouped convolution wants them. */
const depthwiseConv2D: OperatorReader = (call) => {
  const value = call.value(0);
  const [, , channels] = imageDims(call, value);
  const kernel = call.constant(1, 'weights');
  const [one, , , out = 0] = kernel.dims;
  if (kernel.dims.length !== 4 || one !== 1 || out === 0 || out % channels !== 0) {
    call.refuse(`weights of [1, rows, columns, a multiple of ${channels}], received [${kernel.dims.join(', ')}],`);
  }
  const arrange = <C extends Constant>(constant: C): C => transposed(constant, [3, 0, 1, 2]);
  return convolve(call, value, {
    ...{ weight: arrange(kernel), arrange, group: channels, activation: 4 },
    strides: pairOption(call, 1, 0),
    dilations: pairOption(call, 5, 1),
  });
};

/** Whatever the input's shape is, a row of it is what the weights [units, features] take. */
const fullyConnected: OperatorReader = (call) => {
  const value = call.value(0);
  const weight = call.constant(1, 'weights');
  const [units = 0, features = 0] = weight.dims;
  const { dims } = value.fact;
  const row = dims.slice(1).reduce<number>((all, dim) => all * Number(dim), 1);
  if (weight.dims.length !== 2 || row !== features) {
    call.refuse(`weights of [units, ${row}], received [${weight.dims.join(', ')}],`);
  }
  if (byteOption(call, 1) !== 0) call.refuse('weights in their plain order');
  const flat = dims.length === 2 ? value : call.emit({ kind: 'Flatten', axis: 1 }, [value], 'flat');
  const made = activated(call, { kind: 'Gemm', transB: true }, [flat, weight, ...biasOf(call, units)], 0);
  stored(call, made, (constant) => constant);
  if (!flagOption(call, 2) || dims.length === 2) return made;
  const shape = [0, ...dims.slice(1, -1).map(Number), units];
  if (dims.slice(1, -1).some((dim) => dim !== 1)) call.refuse(`one row a picture, received [${dims.join(', ')}],`);
  return { ...call.emit({ kind: 'Reshape', shape }, [made], 'shaped'), plain: made.plain };
};

export const layers: Readonly<Record<string, OperatorReader>> = {
  CONV_2D: conv2D,
  DEPTHWISE_CONV_2D: depthwiseConv2D,
  FULLY_CONNECTED: fullyConnected,
};
