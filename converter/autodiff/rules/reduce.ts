import { elementCount } from '../../../src/tensor/tensor.ts';
import { int } from '../../graph/ops/types.ts';
import type { Emitter } from '../emitter.ts';
import type { Rule } from '../site.ts';
import { product, reshaped, scaled } from './elements.ts';

/** The share of every element in a mean whose gradient is [..., 1, ...]. */
function spread(emit: Emitter, gradient: string, count: number, dims: readonly number[]): string {
  return emit.add('Expand', [scaled(emit, gradient, 1 / count), emit.int64(dims)]);
}

export const globalAveragePool: Rule<'GlobalAveragePool'> = ({ emit, dims }, gradient) => [
  spread(emit, gradient, elementCount(dims(0).slice(2)), dims(0)),
];

export const reduceMean: Rule<'ReduceMean'> = ({ emit, op, dims }, gradient) => {
  const kept = dims(0).map((dim, axis) => (op.axes.includes(axis) ? 1 : dim));
  const count = elementCount(dims(0)) / elementCount(kept);
  return [spread(emit, op.keepDims ? gradient : reshaped(emit, gradient, kept), count, dims(0))];
};

/** y (dy - sum(dy y)). */
export const softmax: Rule<'Softmax'> = ({ emit, op, output }, gradient) => {
  const weighed = product(emit, gradient, output);
  const sum = emit.add('ReduceSum', [weighed, emit.int64([op.axis])], { keepdims: int(1) });
  return [emit.add('Sub', [weighed, product(emit, output, sum)])];
};
