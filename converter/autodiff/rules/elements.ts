import { float, int } from '../../graph/ops/types.ts';
import type { Emitter } from '../emitter.ts';

/** HardSigmoid's slope that takes every normal number to 0 or 1. */
const STEEP = 1e38;

/** 1 where a value is above 0, else 0: one pass on every core, which a comparison and a cast are not. */
export function above(emit: Emitter, value: string): string {
  return emit.add('HardSigmoid', [value], { alpha: float(STEEP), beta: float(0) });
}

/** Bounds below this leave the slope what it is; at larger ones it gives way, so that their product stays a float. */
const SMALL_BOUND = 1e8;

/** 1 where a value lies between two numbers, else 0. */
export function between(emit: Emitter, value: string, low: number, high: number): string {
  const side = (sign: 1 | -1, bound: number): string => {
    const slope = (sign * STEEP) / Math.max(Math.abs(bound), SMALL_BOUND);
    return emit.add('HardSigmoid', [value], { alpha: float(slope), beta: float(-slope * bound) });
  };
  return product(emit, side(1, low), side(-1, high));
}

/** The same between bounds that broadcast, by name. */
export function betweenEach(emit: Emitter, value: string, low: string, high: string): string {
  return product(emit, above(emit, emit.add('Sub', [value, low])), above(emit, emit.add('Sub', [high, value])));
}

export function product(emit: Emitter, ...factors: readonly string[]): string {
  return factors.reduce((all, factor) => emit.add('Mul', [all, factor]));
}

export function scaled(emit: Emitter, value: string, factor: number): string {
  return factor === 1 ? value : emit.add('Mul', [value, emit.scalar(factor)]);
}

export function reshaped(emit: Emitter, value: string, dims: readonly number[]): string {
  return emit.add('Reshape', [value, emit.int64(dims)]);
}

export function summed(emit: Emitter, value: string, axes: readonly number[], keepDims: boolean): string {
  return emit.add('ReduceSum', [value, emit.int64(axes)], { keepdims: int(keepDims ? 1 : 0) });
}

/** The sum over what was repeated to make `from` of `to`. */
export function unbroadcast(emit: Emitter, value: string, from: readonly number[], to: readonly number[]): string {
  const skip = from.length - to.length;
  const axes = from.flatMap((dim, axis) => (axis < skip || (to[axis - skip] === 1 && dim !== 1) ? [axis] : []));
  if (axes.length === 0) return value;
  const sum = summed(emit, value, axes, true);
  return skip === 0 ? sum : reshaped(emit, sum, to);
}
