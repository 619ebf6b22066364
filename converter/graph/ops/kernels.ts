import type { TensorData } from '../../../src/tensor/dtype.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import type { Constant } from '../graph.ts';

/** Row-major strides of a shape. */
export function stridesOf(dims: readonly number[]): readonly number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** Strides of a shape that is repeated to fill `to`, which it broadcasts to. */
export function broadcastStrides(dims: readonly number[], to: readonly number[]): readonly number[] {
  const own = stridesOf(dims);
  const skip = to.length - dims.length;
  return to.map((_, axis) => (axis < skip || dims[axis - skip] === 1 ? 0 : own[axis - skip]!));
}

/** Visits every element of `dims` in row-major order with its offset under `strides`, which may be 0 for a repeated axis. */
export function eachOffset(
  dims: readonly number[],
  strides: readonly number[],
  visit: (offset: number, index: number) => void,
): void {
  const count = elementCount(dims);
  const at = new Array<number>(dims.length).fill(0);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    visit(offset, i);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at[axis]!++;
      offset += strides[axis]!;
      if (at[axis]! < dims[axis]!) break;
      offset -= strides[axis]! * dims[axis]!;
      at[axis] = 0;
    }
  }
}

/** Axis i of the result is axis perm[i] of the constant; computed at each read. */
export function transposed<C extends Constant>(constant: C, perm: readonly number[]): C {
  const dims = perm.map((axis) => constant.dims[axis]!);
  const from = stridesOf(constant.dims);
  const strides = perm.map((axis) => from[axis]!);
  const read = (): TensorData => {
    const data = constant.read();
    const out = data.slice();
    eachOffset(dims, strides, (offset, index) => {
      out[index] = data[offset]!;
    });
    return out;
  };
  return { ...constant, dims, read };
}
