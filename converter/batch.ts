import { ResedgeError } from '../src/errors.ts';
import type { Tensor } from '../src/tensor/tensor.ts';

/** Pixels that one batch holds at most, unless one picture has more. */
const BATCH_PIXELS = 128 * 128;

/** Pictures in one batch. */
export function batchSize(inputSize: number): number {
  return Math.max(1, Math.floor(BATCH_PIXELS / inputSize ** 2));
}

/** Groups single inputs [1, ...] of one shape into batches [n, ...]. */
export async function* batches(
  inputs: AsyncIterable<Tensor> | Iterable<Tensor>,
  inputSize: number,
): AsyncGenerator<Tensor> {
  const size = batchSize(inputSize);
  let pending: Tensor[] = [];
  for await (const input of inputs) {
    pending.push(input);
    if (pending.length < size) continue;
    yield joined(pending);
    pending = [];
  }
  if (pending.length > 0) yield joined(pending);
}

export function picturesIn(batches: readonly Tensor[]): number {
  return batches.reduce((sum, { dims }) => sum + (dims[0] ?? 1), 0);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function joined(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first || tensors.some(({ dtype, dims }) => dtype !== first.dtype || dims.join() !== first.dims.join())) {
    throw new ResedgeError('internal', 'expected calibration inputs of one type and shape');
  }
  const dims = [tensors.length, ...first.dims.slice(1)];
  const length = first.data.length;
  if (first.dtype === 'uint8') {
    const data = new Uint8Array(length * tensors.length);
    for (const [i, tensor] of tensors.entries()) data.set(tensor.data as Uint8Array, i * length);
    return { dtype: 'uint8', dims, data };
  }
  const data = new Float32Array(length * tensors.length);
  for (const [i, tensor] of tensors.entries()) data.set(tensor.data as Float32Array, i * length);
  return { dtype: 'float32', dims, data };
}
