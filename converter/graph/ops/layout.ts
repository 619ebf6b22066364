import type { Fact } from '../graph.ts';
import { axisOf, product } from './dims.ts';
import { type Decoder, type Definition, type Fail, int, integers, ints, type Source } from './types.ts';

export const transpose: Definition<'Transpose'> = {
  arity: 1,
  infer: ({ perm }, [x], fail) => {
    const { dtype, dims } = x!;
    if (perm.length !== dims.length || new Set(perm).size !== perm.length) fail(`${perm.length} dimensions`);
    return { dtype, dims: perm.map((axis) => dims[axis] ?? fail(`${perm.length} dimensions`)) };
  },
  encode: ({ perm }) => ({ attributes: { perm: ints(perm) } }),
};

export const decodeTranspose: Decoder = (source) => {
  const input = source.input(0);
  return { op: { kind: 'Transpose', perm: permOf(source, input.fact.dims.length) }, inputs: [input] };
};

/** The order of axes that a Transpose makes; the reverse where it states none. */
export function permOf(source: Source, rank: number): readonly number[] {
  const perm = source.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = perm.map((axis) => axisOf(axis, rank, source.refuse));
  if (axes.length !== rank || new Set(axes).size !== rank)
    source.refuse(`an order of ${rank} axes, received [${perm}]`);
  return axes;
}

export const flatten: Definition<'Flatten'> = {
  arity: 1,
  infer: ({ axis }, [x]) => ({
    dtype: x!.dtype,
    dims: [product(x!.dims.slice(0, axis)), product(x!.dims.slice(axis))],
  }),
  encode: ({ axis }) => ({ attributes: { axis: int(axis) } }),
};

export const decodeFlatten: Decoder = (source) => {
  const input = source.input(0);
  return { op: { kind: 'Flatten', axis: flattenAxis(source, input.fact.dims.length) }, inputs: [input] };
};

/** The first axis of a Flatten's columns, which may be the rank itself. */
export function flattenAxis(source: Source, rank: number): number {
  const axis = source.int('axis', 1);
  return axis < 0 ? axis + rank : axis;
}

export const concat: Definition<'Concat'> = {
  arity: 1,
  infer: ({ axis }, inputs, fail) => {
    const [x] = inputs as readonly [Fact, ...Fact[]];
    let size = 0;
    for (const { dims, dtype } of inputs) {
      const part = dims[axis];
      const fits = dtype === x.dtype && dims.length === x.dims.length;
      if (typeof part !== 'number' || !fits || dims.some((dim, i) => i !== axis && dim !== x.dims[i])) {
        return fail(`inputs that differ in axis ${axis} alone`);
      }
      size += part;
    }
    return { dtype: x.dtype, dims: x.dims.map((dim, i) => (i === axis ? size : dim)) };
  },
  encode: ({ axis }) => ({ attributes: { axis: int(axis) } }),
};

export const decodeConcat: Decoder = (source) => {
  const rank = source.input(0).fact.dims.length;
  const axis = axisOf(source.int('axis', 1), rank, source.refuse);
  return { op: { kind: 'Concat', axis }, inputs: source.inputs.map((_, index) => source.input(index)) };
};

export const slice: Definition<'Slice'> = {
  arity: 1,
  infer: ({ axes, starts, ends, steps }, [x], fail) => ({
    dtype: x!.dtype,
    dims: x!.dims.map((dim, axis) => {
      const place = axes.indexOf(axis);
      if (place < 0) return dim;
      if (typeof dim !== 'number') return fail(`a known size on axis ${axis}`);
      return sliceRange(dim, starts[place]!, ends[place]!, steps[place]!, fail).count;
    }),
  }),
  encode: ({ axes, starts, ends, steps }) => ({
    operands: { starts: integers(starts), ends: integers(ends), axes: integers(axes), steps: integers(steps) },
  }),
};

/** First index and number of elements that a slice takes of an axis. */
export function sliceRange(
  size: number,
  start: number,
  end: number,
  step: number,
  fail: Fail,
): { readonly first: number; readonly count: number } {
  if (step === 0) return fail('a step other than 0');
  const clamp = (value: number, low: number, high: number): number =>
    Math.max(low, Math.min(high, value < 0 ? value + size : value));
  const first = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const last = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

/** Bounds are attributes before opset 10 and inputs from then on. */
export const decodeSlice: Decoder = (source) => {
  const input = source.input(0);
  const { axes, starts, ends, steps } = sliceOperands(source, input.fact.dims.length);
  return { op: { kind: 'Slice', axes, starts, ends, steps }, inputs: [input] };
};

export function sliceOperands(
  source: Source,
  rank: number,
): {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
} {
  const list = (index: number, name: string): readonly number[] | undefined => {
    const values = source.opset < 10 ? source.ints(name) : source.integers(index, name);
    return values?.map((value) => (typeof value === 'number' ? value : source.refuse(`known ${name}`)));
  };
  const starts = list(1, 'starts') ?? source.refuse('starts');
  const ends = list(2, 'ends') ?? source.refuse('ends');
  const axes = (list(3, 'axes') ?? starts.map((_, i) => i)).map((axis) => axisOf(axis, rank, source.refuse));
  const steps = (source.opset < 10 ? undefined : list(4, 'steps')) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((values) => values.length !== starts.length)) source.refuse('as many bounds as axes');
  return { axes, starts, ends, steps };
}
