import type { Attribute } from '../../src/onnx/schema.ts';
import type { DType, TensorData } from '../../src/tensor/dtype.ts';
import { fromHalf } from '../../src/tensor/half.ts';
import { elementCount, type Tensor } from '../../src/tensor/tensor.ts';
import type { Constant, Dim, Fact } from '../graph/graph.ts';

/** What is known of a value while a file is read. */
export type Value =
  /** Computed from the picture. */
  | { readonly kind: 'computed'; readonly name: string; readonly fact: Fact }
  | { readonly kind: 'constant'; readonly name: string; readonly constant: Constant }
  /** Integers of which some are the size of the batch, as its symbol. */
  | { readonly kind: 'sizes'; readonly list: List };

/** A small tensor of numbers, and of symbols where it was made from shapes. */
export type List = { readonly dtype: DType; readonly dims: readonly number[]; readonly items: readonly Dim[] };

/** Most elements of a tensor that is computed item by item. */
export const MAX_LIST = 4096;

/** A tensor of a file; float16 is read as float32. */
export function constantOf(tensor: Tensor): Constant {
  if (tensor.dtype === 'float16') {
    return { dtype: 'float32', dims: tensor.dims, read: () => fromHalf(tensor.data) };
  }
  return { dtype: tensor.dtype, dims: tensor.dims, read: () => tensor.data } as Constant;
}

/** float16 counts as float32: every value of a read graph is one. */
export function floatOr(dtype: DType): DType {
  return dtype === 'float16' ? 'float32' : dtype;
}

export function factOf(value: Value): Fact {
  switch (value.kind) {
    case 'computed':
      return value.fact;
    case 'constant':
      return { dtype: value.constant.dtype, dims: value.constant.dims };
    case 'sizes':
      return { dtype: value.list.dtype, dims: value.list.dims };
  }
}

/** A known value item by item; undefined for one that is computed or too large. */
export function listOf(value: Value): List | undefined {
  if (value.kind === 'sizes') return value.list;
  if (value.kind === 'computed' || elementCount(value.constant.dims) > MAX_LIST) return undefined;
  const { dtype, dims } = value.constant;
  if (dtype === 'float16' || dtype === 'int4') return undefined;
  return { dtype, dims, items: Array.from(value.constant.read() as ArrayLike<number | bigint>, Number) };
}

/** A computed list as what it is: sizes if a symbol is among its items. */
export function asValue(name: string, list: List): Value {
  if (list.items.some((item) => typeof item === 'string')) return { kind: 'sizes', list };
  const data = typed(list.dtype, list.items.map(Number));
  return { kind: 'constant', name, constant: { dtype: list.dtype, dims: list.dims, read: () => data } as Constant };
}

function typed(dtype: DType, items: readonly number[]): TensorData {
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(items, (item) => BigInt(Number.isFinite(item) ? Math.trunc(item) : 0));
    case 'int32':
      return Int32Array.from(items);
    case 'int16':
      return Int16Array.from(items);
    case 'int8':
      return Int8Array.from(items);
    case 'uint16':
      return Uint16Array.from(items);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(items);
    default:
      return Float32Array.from(items);
  }
}

/** The one number of a tensor attribute, and its type. */
export function scalarOf(attribute: Attribute | undefined): { readonly dtype: DType; readonly value: number } {
  if (attribute?.kind !== 'tensor') return { dtype: 'float32', value: 0 };
  const { dtype, read } = constantOf(attribute.value);
  return { dtype, value: Number(read()[0] ?? 0) };
}
