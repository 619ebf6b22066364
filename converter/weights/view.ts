import { ResedgeError } from '../../src/errors.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { quote } from './bytes.ts';
import { decode } from './decode.ts';
import type { PickleTensor } from './pickle-values.ts';
import type { StoredTensor } from './types.ts';

/**
 * The tensor `name` as a window on its storage's bytes. Throws `input` where the window leaves the storage, `unsupported` for
 * an element type of no use here and for an expanded view (more elements than the storage has).
 */
export function openView(name: string, tensor: PickleTensor, bytesOf: (key: string) => Uint8Array): StoredTensor {
  const { storage, offset, dims, strides } = tensor;
  const { dtype, elementBytes } = storage;
  if (dtype === undefined) {
    throw new ResedgeError(
      'unsupported',
      `expected real numbers of 8 to 64 bits in ${quote(name)}, received ${quote(storage.type)}: save model.float().state_dict()`,
    );
  }
  const count = elementCount(dims);
  const span = spanOf(dims, strides);
  if (dims.length !== strides.length || !(offset + span <= storage.count)) {
    throw new ResedgeError(
      'input',
      `expected ${quote(name)} inside its storage of ${storage.count} elements, received offset ${offset}, size [${dims}], stride [${strides}]: the file is damaged, download or save it again`,
    );
  }
  if (count > span) {
    throw new ResedgeError(
      'unsupported',
      `expected every element of ${quote(name)} to be stored, received an expanded view of size [${dims}], stride [${strides}]: save tensor.contiguous()`,
    );
  }
  const start = (storage.first + offset) * elementBytes;
  const bytes = bytesOf(storage.key).subarray(start, start + span * elementBytes);
  const contiguous = isContiguous(dims, strides);
  return {
    dtype,
    dims,
    read: () => (contiguous ? decode(dtype, bytes) : gather(decode(dtype, bytes), dims, strides)),
  };
}

/** Elements from the first to the last that a window touches; 0 for an empty one. May round or overflow to Infinity. */
function spanOf(dims: readonly number[], strides: readonly number[]): number {
  if (dims.includes(0)) return 0;
  return dims.reduce((span, dim, axis) => span + (dim - 1) * (strides[axis] ?? 0), 1);
}

function isContiguous(dims: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis]!;
    if (dim === 0) return true;
    if (dim !== 1 && strides[axis] !== expected) return false;
    expected *= dim;
  }
  return true;
}

/** Row-major copy of a strided window that starts at `values[0]`. */
function gather(values: Float32Array, dims: readonly number[], strides: readonly number[]): Float32Array {
  const gathered = new Float32Array(elementCount(dims));
  const last = dims.length - 1;
  const index = dims.map(() => 0);
  let from = 0;
  for (let to = 0; to < gathered.length; ) {
    for (let i = 0; i < dims[last]!; i++) gathered[to++] = values[from + i * strides[last]!]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}
