import { dtypeOfCode } from '../../src/onnx/wire.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant, Dim } from '../graph/graph.ts';
import { broadcastDims, sameDims } from '../graph/ops/dims.ts';
import { broadcastStrides, eachOffset, transposed } from '../graph/ops/kernels.ts';
import { permOf } from '../graph/ops/layout.ts';
import type { Source } from '../graph/ops/types.ts';
import { floatOr, MAX_LIST } from './value.ts';

/** Most elements that folding may make of smaller constants. */
const MAX_ELEMENTS = 2 ** 27;

/**
 * Computes a node over constants of which one is large, such as weights, when they are read and not before. Undefined for an op that
 * only shape arithmetic needs.
 */
export function foldLarge(source: Source, constants: readonly Constant[]): Constant | undefined {
  const [first] = constants;
  if (first === undefined) return undefined;
  switch (source.op) {
    case 'Cast':
      return floatOr(dtypeOfCode(source.int('to', 0)) ?? 'bool') === first.dtype
        ? first
        : source.refuse(`a cast of large constants between float types alone, received one of ${first.dtype}`);
    case 'Transpose':
      return transposed(first, permOf(source, first.dims.length));
    case 'Add':
      return arithmetic(source, constants, (a, b) => a + b);
    case 'Sub':
      return arithmetic(source, constants, (a, b) => a - b);
    case 'Mul':
      return arithmetic(source, constants, (a, b) => a * b);
    case 'Div':
      return arithmetic(source, constants, (a, b) => a / b);
    default:
      return undefined;
  }
}

/** A large constant of one number; undefined for a small one, or for one of integers. */
export function filledConstant(
  { dtype, value }: { readonly dtype: DType; readonly value: number },
  dims: readonly Dim[],
  source: Source,
): Constant<'float32'> | undefined {
  if (dtype !== 'float32' || !dims.every((dim) => typeof dim === 'number')) return undefined;
  const count = elementCount(dims);
  if (count <= MAX_LIST) return undefined;
  if (!(count <= MAX_ELEMENTS))
    return source.refuse(`a constant of at most ${MAX_ELEMENTS} elements, received [${dims}]`);
  return { dtype, dims, read: () => new Float32Array(count).fill(value) };
}

function arithmetic(
  source: Source,
  [a, b]: readonly Constant[],
  compute: (a: number, b: number) => number,
): Constant<'float32'> {
  if (a?.dtype !== 'float32' || b?.dtype !== 'float32') return source.refuse('two float constants');
  const dims = broadcastDims(a.dims, b.dims)?.map(Number);
  if (dims === undefined || elementCount(dims) > MAX_ELEMENTS) return source.refuse('constants whose shapes broadcast');
  const read = (): Float32Array => {
    const [left, right] = [spread(a, dims), spread(b, dims)];
    return Float32Array.from({ length: elementCount(dims) }, (_, i) => compute(left[i]!, right[i]!));
  };
  return { dtype: 'float32', dims, read };
}

function spread(constant: Constant<'float32'>, dims: readonly number[]): Float32Array {
  const data = constant.read();
  if (sameDims(constant.dims, dims)) return data;
  const out = new Float32Array(elementCount(dims));
  eachOffset(dims, broadcastStrides(constant.dims, dims), (offset, index) => {
    out[index] = data[offset]!;
  });
  return out;
}
