import { int, ints } from '../../graph/ops/types.ts';
import type { Call, Translator } from '../types.ts';
import { same } from './activation.ts';

/** Past the end of any axis. */
const END = 2 ** 31 - 1;

/** ONNX's numbers of element types. */
const CODES: Readonly<Record<string, number>> = {
  DT_BOOL: 9,
  DT_FLOAT: 1,
  DT_HALF: 10,
  DT_INT32: 6,
  DT_INT64: 7,
  DT_UINT8: 2,
};

const cast: Translator = (call) => {
  const type = call.source.text('DstT', '');
  const to = CODES[type] ?? call.source.refuse(`a cast to numbers in use here, received ${type || 'none'}`);
  return call.emit('Cast', [call.input(0)], { to: int(to) });
};

/** [[before, after], ...] an axis as all counts before, then all after. */
const pad: Translator = (call) => {
  const counts = call.numbers(1, 'paddings');
  const pads = [0, 1].flatMap((end) => counts.filter((_, place) => place % 2 === end));
  return call.emit('Pad', [call.input(0), call.list(pads, 'pads'), ...call.inputs.slice(2, 3)]);
};

const squeeze: Translator = (call) => {
  const axes = call.source.ints('squeeze_dims') ?? call.source.ints('axis') ?? [];
  return call.emit('Squeeze', [call.input(0), ...(axes.length > 0 ? [call.list(axes, 'axes')] : [])]);
};

/** The axis comes as the last input, or as the first before version 2. */
function concat(axisAt: 0 | -1): Translator {
  return (call) => {
    const place = axisAt === 0 ? 0 : call.inputs.length - 1;
    const [axis = 0] = call.numbers(place, 'an axis');
    const parts = call.inputs.filter((_, index) => index !== place);
    return call.emit('Concat', parts, { axis: int(axis) });
  };
}

/** Values side by side along a new axis. */
const pack: Translator = (call) => {
  const axis = call.source.int('axis', 0);
  const axes = call.list([axis], 'axes');
  const parts = call.inputs.map((value, i) => call.emit('Unsqueeze', [value, axes], {}, `part${i}`));
  return call.emit('Concat', parts, { axis: int(axis) });
};

/** What is taken of an axis, with ONNX's bounds. */
type Bounds = { readonly axis: number; readonly from: number; readonly to: number; readonly step: number };

/** Axes that are taken whole, such as the batch, are left out. */
function cut(call: Call, bounds: readonly Bounds[], tag?: string): string {
  const parts = bounds.filter(({ from, to, step }) => from !== 0 || to !== END || step !== 1);
  if (parts.length === 0) return call.input(0);
  const listed = (name: keyof Bounds): string =>
    call.list(
      parts.map((part) => part[name]),
      name,
    );
  return call.emit('Slice', [call.input(0), listed('from'), listed('to'), listed('axis'), listed('step')], {}, tag);
}

const slice: Translator = (call) => {
  const [begin, sizes] = [call.numbers(1, 'begin'), call.numbers(2, 'size')];
  const bounds = begin.map((from, axis) => {
    const size = sizes[axis] ?? 0;
    return { axis, from, to: size === -1 ? END : from + size, step: 1 };
  });
  return cut(call, bounds);
};

/** Bits of the masks stand for axes: from the start, to the end, one element whose axis goes. */
const stridedSlice: Translator = (call) => {
  const { source } = call;
  if (source.int('ellipsis_mask', 0) !== 0 || source.int('new_axis_mask', 0) !== 0) {
    source.refuse('a slice of axes that are there, received ellipsis_mask or new_axis_mask');
  }
  const [begin, end, strides] = [call.numbers(1, 'begin'), call.numbers(2, 'end'), call.numbers(3, 'strides')];
  const has = (mask: string, axis: number): boolean => ((source.int(mask, 0) >> axis) & 1) === 1;
  const gone = begin.flatMap((_, axis) => (has('shrink_axis_mask', axis) ? [axis] : []));
  const bounds = begin.map((from, axis): Bounds => {
    const [to = 0, step = 1] = [end[axis], strides[axis]];
    if (gone.includes(axis)) return { axis, from, to: from === -1 ? END : from + 1, step: 1 };
    const [first, last] = step > 0 ? [0, END] : [END, -END];
    return { axis, from: has('begin_mask', axis) ? first : from, to: has('end_mask', axis) ? last : to, step };
  });
  if (gone.length === 0) return cut(call, bounds);
  return call.emit('Squeeze', [cut(call, bounds, 'cut'), call.list(gone, 'gone')]);
};

function reduce(op: string): Translator {
  return (call) =>
    call.emit(op, [call.input(0), call.list(call.numbers(1, 'axes'), 'axes')], {
      keepdims: int(call.source.int('keep_dims', 0)),
    });
}

const gather: Translator = (call) => {
  const [axis = 0] = call.inputs.length > 2 ? call.numbers(2, 'an axis') : [0];
  return call.emit('Gather', call.inputs.slice(0, 2), { axis: int(axis) });
};

const transpose: Translator = (call) =>
  call.emit('Transpose', [call.input(0)], { perm: ints(call.numbers(1, 'an order of axes')) });

const refuseMirror = ({ source }: Call): never =>
  source.refuse('padding with a constant, received a mirrored one: train the network with zeros or same padding');

export const shapes: Readonly<Record<string, Translator>> = {
  Cast: cast,
  Concat: concat(0),
  ConcatV2: concat(-1),
  ExpandDims: (call) => call.emit('Unsqueeze', [call.input(0), call.list(call.numbers(1, 'an axis'), 'axes')]),
  Fill: (call) => call.emit('Expand', [call.input(1), call.input(0)]),
  Gather: gather,
  GatherV2: gather,
  Mean: reduce('ReduceMean'),
  MirrorPad: refuseMirror,
  Pack: pack,
  Pad: pad,
  PadV2: pad,
  Prod: reduce('ReduceProd'),
  Range: same('Range'),
  Reshape: same('Reshape'),
  Shape: (call) => call.emit('Shape', [call.input(0)]),
  Slice: slice,
  Squeeze: squeeze,
  StridedSlice: stridedSlice,
  Transpose: transpose,
};
