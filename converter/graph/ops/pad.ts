import { axisOf } from './dims.ts';
import { type Decoder, type Definition, integers, type Source, scalar } from './types.ts';

export const pad: Definition<'Pad'> = {
  arity: 1,
  infer: ({ pads }, [x], fail) => ({
    dtype: x!.dtype,
    dims: x!.dims.map((dim, axis) => {
      const added = (pads[axis] ?? 0) + (pads[axis + x!.dims.length] ?? 0);
      return typeof dim === 'number' ? dim + added : added === 0 ? dim : fail(`a known size on axis ${axis}`);
    }),
  }),
  encode: ({ pads, value }, { dtype }) => ({
    attributes: { mode: { kind: 'string', value: 'constant' } },
    operands: {
      pads: integers(pads),
      value: scalar(value, dtype),
    },
  }),
};

/** Counts are an attribute before opset 11 and an input from then on; from 18 on they may be those of some axes. */
export const decodePad: Decoder = (source) => {
  const input = source.input(0);
  const mode = source.text('mode', 'constant');
  if (mode !== 'constant') source.refuse(`constant padding, received mode ${mode}`);
  const rank = input.fact.dims.length;
  const given = source.opset < 11 ? source.ints('pads') : source.integers(1, 'pads');
  const counts = given?.map(Number) ?? source.refuse('pads');
  const value = source.opset < 11 ? source.float('value', 0) : fillOf(source);
  const axes = source.opset < 18 ? undefined : source.integers(3, 'axes');
  const at = axes?.map((axis) => axisOf(Number(axis), rank, source.refuse)) ?? input.fact.dims.map((_, axis) => axis);
  if (counts.length !== 2 * at.length || counts.some((count) => !(count >= 0))) {
    source.refuse(`${2 * at.length} counts of 0 or more as pads, received [${counts}]`);
  }
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [place, axis] of at.entries()) {
    pads[axis] = counts[place]!;
    pads[axis + rank] = counts[place + at.length]!;
  }
  if (pads.every((count) => count === 0)) return { same: input };
  return { op: { kind: 'Pad', pads, value }, inputs: [input] };
};

function fillOf(source: Source): number {
  const given = source.inputs[2];
  if (given === undefined) return 0;
  // Pictures as bytes are padded with a byte.
  const { constant } = given;
  const known = constant?.dtype === 'uint8' || constant?.dtype === 'int8' ? constant : source.constant(2, 'a value');
  return known.read()[0] ?? 0;
}
