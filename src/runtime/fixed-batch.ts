import { ResedgeError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A batch cut into copies of exactly `size` entries each, for a model that takes no other number; the last is filled up with zeros. */
export function* ofFixedBatch(input: Tensor, size: number): Generator<Tensor> {
  const [count = 0, ...rest] = input.dims;
  const entry = input.data.length / count;
  for (let start = 0; start < count; start += size) {
    const data = zeros(input, size * entry);
    data.set(input.data.subarray(start * entry, (start + size) * entry) as Uint8Array & Float32Array);
    yield { dtype: input.dtype, dims: [size, ...rest], data } as Tensor;
  }
}

function zeros({ dtype }: Tensor, length: number): Uint8Array | Float32Array {
  if (dtype === 'uint8') return new Uint8Array(length);
  if (dtype === 'float32') return new Float32Array(length);
  throw new ResedgeError('input', `expected pictures of uint8 or float32 for a model of fixed batch, came ${dtype}`);
}
