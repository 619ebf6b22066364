import type { DataOf, DType } from './dtype.ts';

/** A dense row-major array. `data` holds as many elements as the product of `dims`; a scalar has no dims. */
export type Tensor<T extends DType = DType> = {
  readonly [K in T]: { readonly dtype: K; readonly dims: readonly number[]; readonly data: DataOf[K] };
}[T];

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}

/** The bytes of a tensor's data, as a view. */
export function tensorBytes(tensor: Tensor): Uint8Array {
  const { data } = tensor;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function float32(dims: readonly number[], data: Float32Array): Tensor<'float32'> {
  return { dtype: 'float32', dims, data };
}
