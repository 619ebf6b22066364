import { elementCount } from '../../../src/tensor/tensor.ts';
import type { Constant } from '../../graph/graph.ts';
import type { Call, OperatorReader } from '../types.ts';
import { activated } from './activation.ts';
import { axisIn, intOption, intsOption } from './options.ts';
import { reshaped } from './reshape.ts';

const pad: OperatorReader = (call) => {
  const value = call.value(0);
  const rank = value.fact.dims.length;
  const given = call.integers(1) ?? call.refuse('counts known before it runs');
  if (given.length !== 2 * rank || given.some((count) => count < 0)) {
    call.refuse(`${2 * rank} counts of 0 or more, received [${given.slice(0, 16)}],`);
  }
  const [fill] = call.has(2) ? oneNumber(call, call.constant(2, 'a value')) : [0];
  const pads = [0, 1].flatMap((end) => Array.from({ length: rank }, (_, axis) => given[2 * axis + end]!));
  return pads.every((count) => count === 0) ? value : call.emit({ kind: 'Pad', pads, value: fill ?? 0 }, [value]);
};

function oneNumber(call: Call, { dims, read }: Constant<'float32'>): readonly number[] {
  return elementCount(dims) === 1 ? [...read()] : call.refuse(`one number as a value, received [${dims.join(', ')}],`);
}

const concatenation: OperatorReader = (call) => {
  const operands = Array.from({ length: call.count }, (_, index) => call.operand(index));
  const rank = call.value(0).fact.dims.length;
  return activated(call, { kind: 'Concat', axis: axisIn(call, intOption(call, 0), rank) }, operands, 1);
};

const transpose: OperatorReader = (call) => {
  const value = call.value(0);
  const rank = value.fact.dims.length;
  const perm =
    call.integers(1)?.map((axis) => axisIn(call, axis, rank)) ?? call.refuse('an order known before it runs');
  return call.emit({ kind: 'Transpose', perm }, [value]);
};

/** Masks say where a bound is the image's own. */
const stridedSlice: OperatorReader = (call) => {
  const value = call.value(0);
  const [starts, ends, steps] = [1, 2, 3].map((index) => call.integers(index) ?? call.refuse('bounds that are known'));
  const [starting, ending] = [intOption(call, 0), intOption(call, 1)];
  if ([2, 3, 4].some((mask) => intOption(call, mask) !== 0)) call.refuse('bounds for every axis, and every axis kept');
  const bounds = value.fact.dims.flatMap((_, axis) => {
    const step = steps![axis] ?? 1;
    if (step < 1) call.refuse(`steps forward, received ${step},`);
    const start = ((starting >> axis) & 1) === 1 ? 0 : (starts![axis] ?? 0);
    const end = ((ending >> axis) & 1) === 1 ? MAX_INT : (ends![axis] ?? MAX_INT);
    return start === 0 && end === MAX_INT && step === 1 ? [] : [{ axis, start, end, step }];
  });
  if (bounds.length === 0) return value;
  // The file's batch is one picture, whatever this one's is.
  const cut = bounds.filter(({ axis, start, end }) => axis !== 0 || start !== 0 || end !== 1);
  return call.emit(
    {
      kind: 'Slice',
      axes: cut.map(({ axis }) => axis),
      starts: cut.map(({ start }) => start),
      ends: cut.map(({ end }) => end),
      steps: cut.map(({ step }) => step),
    },
    [value],
  );
};

const MAX_INT = 2 ** 31 - 1;

const reshape: OperatorReader = (call) => {
  const stated = call.has(1) ? call.integers(1) : intsOption(call, 0);
  return reshaped(call, stated?.length ? stated : call.output.signature);
};

/** Without axes, every dimension of 1 goes; the batch never does. */
const squeeze: OperatorReader = (call) => {
  const { dims } = call.value(0).fact;
  const given = intsOption(call, 0).map((axis) => axisIn(call, axis, dims.length));
  const wrong = given.find((axis) => axis !== 0 && dims[axis] !== 1);
  if (wrong !== undefined) call.refuse(`a dimension of 1 on axis ${wrong}, received ${dims[wrong]},`);
  const left = dims.filter((dim, axis) => axis === 0 || (given.length > 0 ? !given.includes(axis) : dim !== 1));
  return reshaped(call, [1, ...left.slice(1).map(Number)]);
};

/** Nothing happens yet: the convolution behind it is dilated. */
const spaceToBatch: OperatorReader = (call) => {
  const value = call.value(0);
  const [block, pads] = [call.integers(1) ?? [], call.integers(2) ?? []];
  const [rows = 0, columns = 0] = block;
  const [top = -1, bottom = -1, left = -1, right = -1] = pads;
  if (block.length !== 2 || rows < 1 || columns < 1 || Math.min(top, bottom, left, right) < 0) {
    return call.refuse('a block of rows and columns, and counts of 0 or more');
  }
  return { ...value, spread: { block: [rows, columns], pads: [top, left, bottom, right], convolved: false } };
};

/** The convolution before it has done its part. */
const batchToSpace: OperatorReader = (call) => {
  const { spread, ...value } = call.value(0);
  return spread?.convolved ? value : call.refuse('a convolution behind SPACE_TO_BATCH_ND as its input');
};

const same: OperatorReader = (call) => call.value(0);

export const shapes: Readonly<Record<string, OperatorReader>> = {
  BATCH_TO_SPACE_ND: batchToSpace,
  CONCATENATION: concatenation,
  DEQUANTIZE: same,
  PAD: pad,
  PADV2: pad,
  QUANTIZE: same,
  RESHAPE: reshape,
  SPACE_TO_BATCH_ND: spaceToBatch,
  SQUEEZE: squeeze,
  STRIDED_SLICE: stridedSlice,
  TRANSPOSE: transpose,
};
