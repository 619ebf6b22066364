import { ResedgeError } from '../../src/errors.ts';
import { fromHalf } from '../../src/tensor/half.ts';
import { elementCount, type Tensor } from '../../src/tensor/tensor.ts';
import { quote } from '../weights/bytes.ts';
import { BYTES, type Group, type StoredArray } from './manifest.ts';

type ArrayTensor = Tensor<'float32' | 'int32' | 'bool'>;

/** Arrays by name, numbers as the network was trained with. */
export type Arrays = ReadonlyMap<string, ArrayTensor>;

/** A shard's bytes by its path in the manifest. */
export type ReadShard = (path: string) => Uint8Array;

/** The arrays of a model. Throws `input` naming the shards for files that are not as long as their arrays. */
export function readArrays(groups: readonly Group[], read: ReadShard): Arrays {
  const arrays = new Map<string, ArrayTensor>();
  for (const group of groups) {
    const bytes = joined(group, read);
    let at = 0;
    for (const array of group.arrays) {
      const end = at + elementCount(array.dims) * BYTES[array.stored];
      if (!array.training) arrays.set(array.name, tensorOf(array, new Uint8Array(bytes.subarray(at, end))));
      at = end;
    }
  }
  return arrays;
}

/** What the shards of a group hold, which is what its arrays need. */
function joined({ paths, bytes }: Group, read: ReadShard): Uint8Array {
  const shards: Uint8Array[] = [];
  let found = 0;
  for (const path of paths) {
    const shard = read(path);
    found += shard.length;
    if (found > bytes) break;
    shards.push(shard);
  }
  const [first = 'no shard', last] = [paths[0], paths.slice(1).at(-1)];
  if (found !== bytes) {
    const where = last === undefined ? quote(first) : `${quote(first)} to ${quote(last)}`;
    throw new ResedgeError(
      'input',
      `expected ${bytes} bytes of weights in ${where}, received ${found > bytes ? 'more' : found}: a shard is cut short, or another model's`,
    );
  }
  if (shards.length === 1) return shards[0]!;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const shard of shards) {
    whole.set(shard, at);
    at += shard.length;
  }
  return whole;
}

/** `own` is memory of the array's own: its numbers start at a multiple of their size. */
function tensorOf({ dims, dtype, stored, affine }: StoredArray, own: Uint8Array): ArrayTensor {
  const { buffer } = own;
  if (affine) {
    const codes = stored === 'uint16' ? new Uint16Array(buffer) : own;
    const data = dtype === 'int32' ? new Int32Array(codes.length) : new Float32Array(codes.length);
    const { scale, min } = affine;
    // Not TypedArray.from with a function: that walks an iterator, number by number.
    for (let i = 0; i < data.length; i++) {
      const value = codes[i]! * scale + min;
      data[i] = dtype === 'int32' ? Math.round(value) : value;
    }
    return { dtype, dims, data } as ArrayTensor;
  }
  if (stored === 'float16') return { dtype: 'float32', dims, data: fromHalf(new Uint16Array(buffer)) };
  if (dtype === 'bool') return { dtype, dims, data: own };
  if (dtype === 'int32') return { dtype, dims, data: new Int32Array(buffer) };
  return { dtype, dims, data: new Float32Array(buffer) };
}
