import { axisOf } from './dims.ts';
import { type Decoder, type Definition, flag, int, integers, ints } from './types.ts';

export const reduceMean: Definition<'ReduceMean'> = {
  arity: 1,
  infer: ({ axes, keepDims }, [x]) => {
    const { dtype, dims } = x!;
    if (keepDims) return { dtype, dims: dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim)) };
    return { dtype, dims: dims.filter((_, axis) => !axes.includes(axis)) };
  },
  // Axes are an attribute before opset 18 and an input from then on.
  encode: ({ axes, keepDims }, { opset }) =>
    opset < 18
      ? { attributes: { axes: ints(axes), keepdims: flag(keepDims) } }
      : {
          attributes: { keepdims: flag(keepDims) },
          operands: { axes: integers(axes) },
        },
};

export const decodeReduceMean: Decoder = (source) => {
  const input = source.input(0);
  const rank = input.fact.dims.length;
  const given = source.opset < 18 ? source.ints('axes') : source.integers(1, 'axes');
  const keepDims = source.int('keepdims', 1) !== 0;
  if (given === undefined && source.int('noop_with_empty_axes', 0) !== 0) return { same: input };
  const axes =
    given?.map((axis) => axisOf(Number(axis), rank, source.refuse)) ?? input.fact.dims.map((_, axis) => axis);
  return { op: { kind: 'ReduceMean', axes: axes.toSorted((a, b) => a - b), keepDims }, inputs: [input] };
};

export const softmax: Definition<'Softmax'> = {
  arity: 1,
  infer: (_, [x]) => x!,
  encode: ({ axis }) => ({ attributes: { axis: int(axis) } }),
};

/** Before opset 13 the axes from `axis` on count as one: the same where those after it are 1. */
export const decodeSoftmax: Decoder = (source) => {
  const input = source.input(0);
  const { dims } = input.fact;
  const axis = axisOf(source.int('axis', source.opset < 13 ? 1 : -1), dims.length, source.refuse);
  if (source.opset < 13 && dims.slice(axis + 1).some((dim) => dim !== 1)) {
    source.refuse(`a softmax over one axis, received one over [${dims.slice(axis)}]`);
  }
  return { op: { kind: 'Softmax', axis }, inputs: [input] };
};
