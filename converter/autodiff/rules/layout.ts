import { sliceRange } from '../../graph/ops/layout.ts';
import type { Rule } from '../site.ts';
import { reshaped } from './elements.ts';

const toInputDims: Rule<'Flatten' | 'Reshape'> = ({ emit, dims }, gradient) => [reshaped(emit, gradient, dims(0))];
export const flatten: Rule<'Flatten'> = toInputDims as Rule<'Flatten'>;
export const reshape: Rule<'Reshape'> = toInputDims as Rule<'Reshape'>;

export const transpose: Rule<'Transpose'> = ({ emit, op }, gradient) => {
  const inverse = op.perm.map((_, axis) => op.perm.indexOf(axis));
  return [emit.add('Transpose', [gradient], { perm: { kind: 'ints', value: inverse } })];
};

/** Between numbers of floats the gradient passes. */
export const cast: Rule<'Cast'> = ({ op, refuse }, gradient) => [
  op.to === 'float32' ? gradient : refuse('a Cast to float32'),
];

export const concat: Rule<'Concat'> = ({ emit, op, node, dims, needs }, gradient) => {
  let start = 0;
  return node.inputs.map((_, index) => {
    const end = start + dims(index)[op.axis]!;
    const bounds = [[start], [end], [op.axis]].map(emit.int64);
    start = end;
    return needs(index) ? emit.add('Slice', [gradient, ...bounds]) : undefined;
  });
};

/** What was added around is cut away. */
export const pad: Rule<'Pad'> = ({ emit, op }, gradient) => [
  emit.add('Pad', [gradient, emit.int64(op.pads.map((count) => -count))]),
];

export const slice: Rule<'Slice'> = ({ emit, op, dims, refuse }, gradient) => {
  const rank = dims(0).length;
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [place, axis] of op.axes.entries()) {
    if (op.steps[place] !== 1) refuse('a Slice of steps of 1');
    const size = dims(0)[axis]!;
    const { first, count } = sliceRange(size, op.starts[place]!, op.ends[place]!, 1, refuse);
    pads[axis] = first;
    pads[axis + rank] = size - first - count;
  }
  return [emit.add('Pad', [gradient, emit.int64(pads)])];
};
