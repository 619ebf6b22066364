import type { Constant } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import type { Call, LayerReader, Value } from '../types.ts';

/** From the first of its inputs to the last. */
function merging(op: Op): LayerReader {
  return (call) => {
    const [first, ...others] = call.inputs;
    if (first === undefined || others.length === 0) return call.refuse('two inputs or more');
    return others.reduce((sum, value) => call.emit(op, [sum, value]), first);
  };
}

const concatenate: LayerReader = (call) => {
  const [first] = call.inputs;
  if (first === undefined || call.inputs.length < 2) return call.refuse('two inputs or more');
  const rank = first.fact.dims.length;
  return call.emit({ kind: 'Concat', axis: axisOf(call, call.number('axis') ?? -1, rank) }, call.inputs);
};

/** An axis of Keras's layout as one of [N, C, H, W]. */
function axisOf(call: Call, axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  const to = rank === 4 && call.channelsLast ? [0, 2, 3, 1][from] : from;
  if (to === undefined || to < 1 || to >= rank) return call.refuse(`an axis of ${rank} dimensions, received ${axis}`);
  return to;
}

/** Numbers for each channel, or one for all, to stand beside an image or a row. */
function perChannel(values: readonly number[], rank: number): Constant<'float32'> {
  const dims = values.length === 1 ? [] : [values.length, ...new Array<number>(Math.max(0, rank - 2)).fill(1)];
  const data = Float32Array.from(values);
  return { dtype: 'float32', dims, read: () => data };
}

const batchNormalization: LayerReader = (call) => {
  const value = call.input();
  const { dims } = value.fact;
  const given = call.raw('axis');
  const axis = Array.isArray(given) && given.length === 1 ? given[0] : (given ?? -1);
  if (typeof axis !== 'number' || axisOf(call, axis, dims.length) !== 1) call.refuse('statistics for each channel');
  const channels = Number(dims[1]);
  const [scaled, centred] = [call.flag('scale', true), call.flag('center', true)];
  const found = call.weights(
    [scaled && 'gamma', centred && 'beta', 'moving mean', 'moving variance']
      .filter((name) => name !== false)
      .map((name) => ({ name, dims: [channels] })),
  );
  const [mean, variance] = found.slice(-2);
  const gamma = scaled ? found[0]! : filled(channels, 1);
  const beta = centred ? found[scaled ? 1 : 0]! : filled(channels, 0);
  const epsilon = call.number('epsilon') ?? 1e-3;
  return call.emit({ kind: 'BatchNormalization', epsilon }, [value, gamma, beta, mean!, variance!]);
};

function filled(length: number, value: number): Constant<'float32'> {
  return { dtype: 'float32', dims: [length], read: () => new Float32Array(length).fill(value) };
}

const rescaling: LayerReader = (call) => {
  const value = call.input();
  const rank = value.fact.dims.length;
  const scaled = scale(call, value, numbersOf(call, 'scale', 1), rank);
  const offset = numbersOf(call, 'offset', 0);
  return offset.every((number) => number === 0)
    ? scaled
    : call.emit({ kind: 'Add' }, [scaled, perChannel(offset, rank)]);
};

function scale(call: Call, value: Value, factors: readonly number[], rank: number): Value {
  return factors.every((number) => number === 1)
    ? value
    : call.emit({ kind: 'Mul' }, [value, perChannel(factors, rank)]);
}

/** Least standard deviation that Keras divides by. */
const LEAST_DEVIATION = 1e-7;

/** (x - mean) / deviation, both from the config or learned by `adapt`. */
const normalization: LayerReader = (call) => {
  const { value, dims } = call.image();
  const [channels] = dims;
  if (call.flag('invert', false)) call.refuse('invert off');
  const stated = call.raw('mean') !== undefined && call.raw('mean') !== null;
  const read = (index: number, name: string): readonly number[] =>
    stated ? numbersOf(call, name, 0) : [...learned[index]!.read()];
  const learned = stated
    ? []
    : call.weights([
        { name: 'mean', dims: [channels] },
        { name: 'variance', dims: [channels] },
        { name: 'count', dims: [], spare: true },
      ]);
  const mean = perChannel(read(0, 'mean'), 4);
  const factors = read(1, 'variance').map((number) => 1 / Math.max(Math.sqrt(number), LEAST_DEVIATION));
  return scale(call, call.emit({ kind: 'Sub' }, [value, mean]), factors, 4);
};

/** One number, or one a channel, whatever lists are around them. */
function numbersOf(call: Call, name: string, otherwise: number): readonly number[] {
  const given = [call.raw(name) ?? otherwise].flat(4);
  const channels = Number(call.input().fact.dims[1]);
  const fits = given.length === 1 || given.length === channels;
  if (!fits || !given.every((number): number is number => typeof number === 'number')) {
    return call.refuse(`one number, or one for each channel, as ${name}`);
  }
  return given;
}

export const arithmetic: Readonly<Record<string, LayerReader>> = {
  Add: merging({ kind: 'Add' }),
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  Concatenate: concatenate,
  Multiply: merging({ kind: 'Mul' }),
  Normalization: normalization,
  Rescaling: rescaling,
  Subtract: merging({ kind: 'Sub' }),
};
