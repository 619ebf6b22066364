import type { Dim } from '../graph.ts';
import { axisOf, sameDims } from './dims.ts';
import { type Decoder, type Definition, integers, type Source } from './types.ts';

export const reshape: Definition<'Reshape'> = {
  arity: 1,
  infer: ({ shape }, [x], fail) => {
    const { dtype, dims } = x!;
    const kept = shape.map((size, axis) => (size === 0 ? (dims[axis] ?? fail(`a dimension ${axis} to keep`)) : size));
    if (!kept.includes(-1)) return { dtype, dims: kept };
    const rest = remainder(
      dims,
      kept.filter((size) => size !== -1),
    );
    return {
      dtype,
      dims: kept.map((size) => (size === -1 ? (rest ?? fail(`a shape that [${shape}] divides`)) : size)),
    };
  },
  encode: ({ shape }) => ({ operands: { shape: integers(shape) } }),
};

/** What the sizes leave of a shape, or undefined where they do not divide it. */
function remainder(dims: readonly Dim[], sizes: readonly Dim[]): Dim | undefined {
  const left = [...dims];
  let known = 1;
  for (const size of sizes) {
    const symbol = typeof size === 'string' ? left.indexOf(size) : -1;
    if (symbol >= 0) left.splice(symbol, 1);
    else if (typeof size === 'number') known *= size;
    else return undefined;
  }
  const symbols = left.filter((dim) => typeof dim === 'string');
  const count = left.reduce<number>((all, dim) => (typeof dim === 'number' ? all * dim : all), 1) / known;
  if (symbols.length > 1 || !Number.isInteger(count)) return undefined;
  if (symbols.length === 0) return count;
  return count === 1 ? symbols[0] : undefined;
}

export const decodeReshape: Decoder = (source) => {
  const wanted = source.opset < 5 ? source.ints('shape') : source.integers(1, 'a shape');
  if (wanted === undefined) return source.refuse('a shape');
  const input = source.input(0);
  const zeros = source.int('allowzero', 0) === 0;
  const [batch] = input.fact.dims;
  const resolved = wanted.map((size, axis) => {
    if (size === 0 && zeros) return input.fact.dims[axis] ?? 0;
    return axis === 0 && size === source.batch && typeof batch === 'string' ? batch : size;
  });
  return reshaped(source, resolved);
};

export const decodeSqueeze: Decoder = (source) => {
  const { dims } = source.input(0).fact;
  const axes = axesOf(source, dims.length) ?? dims.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  for (const axis of axes)
    if (dims[axis] !== 1) source.refuse(`a dimension of 1 on axis ${axis}, received ${dims[axis]}`);
  return reshaped(
    source,
    dims.filter((_, axis) => !axes.includes(axis)),
  );
};

export const decodeUnsqueeze: Decoder = (source) => {
  const { dims } = source.input(0).fact;
  const given = rawAxes(source)?.length ?? source.refuse('axes');
  const axes = axesOf(source, dims.length + given) ?? [];
  const rest = [...dims];
  const wanted = Array.from({ length: dims.length + given }, (_, axis) =>
    axes.includes(axis) ? 1 : (rest.shift() ?? 1),
  );
  return reshaped(source, wanted);
};

/** As they stand in the file: an attribute before opset 13, an input from then on. */
export function rawAxes(source: Source): readonly number[] | undefined {
  const axes = source.opset < 13 ? source.ints('axes') : source.integers(1, 'axes');
  return axes?.map((axis) => (typeof axis === 'number' ? axis : source.refuse('known axes')));
}

function axesOf(source: Source, rank: number): readonly number[] | undefined {
  return rawAxes(source)?.map((axis) => axisOf(axis, rank, source.refuse));
}

/** A Reshape to these sizes; the batch keeps its place, and what only states the same shape is nothing. */
function reshaped(source: Source, wanted: readonly Dim[]): ReturnType<Decoder> {
  const input = source.input(0);
  const { dims } = input.fact;
  if (sameDims(wanted, dims)) return { same: input };
  const [batch] = dims;
  const shape = wanted.map((size, axis) => {
    if (typeof size === 'number') return size;
    return axis === 0 && size === batch
      ? 0
      : source.refuse(`a shape whose first dimension is the batch, received [${wanted}]`);
  });
  // A batch that was exported as -1, or whose rest was, is stated.
  if (typeof batch === 'string' && shape[0] === -1) shape[0] = remainder(dims, wanted.slice(1)) === batch ? 0 : -1;
  const symbolic = shape.map((size, axis) => (size === 0 && axis === 0 ? (batch ?? 0) : size));
  const rest = shape.includes(-1)
    ? remainder(
        dims,
        symbolic.filter((size) => size !== -1),
      )
    : undefined;
  if (shape.includes(-1) && typeof rest !== 'number') {
    return source.refuse(`a shape that keeps the batch apart, received [${wanted}] for [${dims}]`);
  }
  const exact = shape.map((size) => (size === -1 ? Number(rest) : size));
  const left = remainder(
    dims,
    exact.map((size, axis) => (size === 0 && axis === 0 ? (batch ?? 0) : size)),
  );
  if (left !== 1) return source.refuse(`a shape of as many elements as [${dims}], received [${wanted}]`);
  const flat = exact.length === 2 && exact[0] === 0 && dims.length > 1;
  return { op: flat ? { kind: 'Flatten', axis: 1 } : { kind: 'Reshape', shape: exact }, inputs: [input] };
}
