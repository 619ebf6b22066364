import type { Dim } from '../graph.ts';
import type { Pads, Window } from '../op.ts';
import { imageDims, windowDims } from './dims.ts';
import { type Decoder, type Definition, flag, ints, type Source } from './types.ts';
import { windowOf } from './window.ts';

export const maxPool: Definition<'MaxPool'> = {
  arity: 1,
  infer: (op, [x], fail) => {
    const [n, c, h, w] = imageDims(x!, fail);
    return { dtype: x!.dtype, dims: [n, c, ...windowDims(op, [h, w])] };
  },
  encode: ({ kernel, pads, strides }) => ({
    attributes: { kernel_shape: ints(kernel), pads: ints(pads), strides: ints(strides) },
  }),
};

export const averagePool: Definition<'AveragePool'> = {
  arity: 1,
  infer: (op, [x], fail) => {
    const [n, c, h, w] = imageDims(x!, fail);
    return { dtype: x!.dtype, dims: [n, c, ...windowDims(op, [h, w], op.ceil)] };
  },
  encode: ({ kernel, pads, strides, countPadding, ceil }) => ({
    attributes: {
      ceil_mode: flag(ceil),
      count_include_pad: flag(countPadding),
      kernel_shape: ints(kernel),
      pads: ints(pads),
      strides: ints(strides),
    },
  }),
};

export const globalAveragePool: Definition<'GlobalAveragePool'> = {
  arity: 1,
  infer: (_, [x], fail) => {
    const [n, c] = imageDims(x!, fail);
    return { dtype: x!.dtype, dims: [n, c, 1, 1] };
  },
  encode: () => ({}),
};

/** Padding never wins a maximum: `ceil_mode` becomes padding at the end. */
export const decodeMaxPool: Decoder = (source) => {
  if (source.int('storage_order', 0) !== 0) source.refuse('row-major storage');
  const window = undilated(source);
  const pads = source.int('ceil_mode', 0) === 0 ? window.pads : paddedEnds(window, source.input(0).fact.dims.slice(2));
  return { op: { kind: 'MaxPool', ...window, pads }, inputs: [source.input(0)] };
};

export const decodeAveragePool: Decoder = (source) => {
  const window = undilated(source);
  const countPadding = source.int('count_include_pad', 0) !== 0;
  const ceil = source.int('ceil_mode', 0) !== 0;
  return { op: { kind: 'AveragePool', ...window, countPadding, ceil }, inputs: [source.input(0)] };
};

export const decodeGlobalAveragePool: Decoder = (source) => ({
  op: { kind: 'GlobalAveragePool' },
  inputs: [source.input(0)],
});

function undilated(source: Source): Window {
  const { dilations, ...window } = windowOf(source);
  if (dilations.some((dilation) => dilation !== 1)) source.refuse(`no dilations, received [${dilations}]`);
  return window;
}

/** Pads whose whole windows are those that `ceil_mode` counts. */
function paddedEnds(window: Window, size: readonly Dim[]): Pads {
  const { kernel, strides, pads } = window;
  const [h = 1, w = 1] = size;
  const count = windowDims(window, [h, w], true);
  const end = (axis: 0 | 1): number => {
    const wanted = (Number(count[axis]) - 1) * strides[axis] + kernel[axis];
    return Math.max(pads[axis + 2]!, wanted - Number(size[axis]) - pads[axis]);
  };
  return [pads[0], pads[1], end(0), end(1)];
}
