import type { Dim, Fact } from '../graph.ts';
import type { Window } from '../op.ts';
import type { Fail } from './types.ts';

export function sameDims(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The shape that two shapes broadcast to, or undefined. */
export function broadcastDims(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    dims.push(left === 1 ? right : left);
  }
  return dims;
}

/** [N, C, H, W] of an image. */
export function imageDims({ dims }: Fact, fail: Fail): readonly [Dim, Dim, Dim, Dim] {
  const [n, c, h, w] = dims;
  if (dims.length !== 4 || n === undefined || c === undefined || h === undefined || w === undefined) {
    return fail('a 4-dimensional input');
  }
  return [n, c, h, w];
}

/** Rows and columns that a sliding window makes of [h, w]; `ceil` counts a last window that is not whole. */
export function windowDims(
  { kernel, strides, pads, dilations = [1, 1] }: Window & { readonly dilations?: readonly [number, number] },
  [h, w]: readonly [Dim, Dim],
  ceil = false,
): readonly [Dim, Dim] {
  const size = (dim: Dim, axis: 0 | 1): Dim => {
    if (typeof dim === 'string') return dim;
    const [before, stride] = [pads[axis], strides[axis]];
    const steps = (dim + before + pads[axis + 2]! - dilations[axis] * (kernel[axis] - 1) - 1) / stride;
    if (!ceil) return Math.floor(steps) + 1;
    const count = Math.ceil(steps) + 1;
    // A window that would start in the padding after the image is not taken.
    return (count - 1) * stride >= dim + before ? count - 1 : count;
  };
  return [size(h, 0), size(w, 1)];
}

/** `axis` counted from the front. */
export function axisOf(axis: number, rank: number, fail: Fail): number {
  const from = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(from) || from < 0 || from >= rank)
    return fail(`an axis of ${rank} dimensions instead of ${axis}`);
  return from;
}

/** The product of dimensions, of which one may be a symbol and the others then 1. */
export function product(dims: readonly Dim[]): Dim {
  const symbols = dims.filter((dim) => typeof dim === 'string');
  const count = dims.reduce<number>((all, dim) => (typeof dim === 'number' ? all * dim : all), 1);
  if (symbols.length === 0) return count;
  return symbols.length === 1 && count === 1 ? symbols[0]! : Number.NaN;
}
