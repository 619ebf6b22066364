import type { Attribute } from '../../../src/onnx/schema.ts';
import type { DType } from '../../../src/tensor/dtype.ts';
import { toHalf } from '../../../src/tensor/half.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import type { Constant, Dim, Fact } from '../graph.ts';
import type { Op, OpKind, OpOf } from '../op.ts';

/** Says what was expected of a node's inputs; never returns. */
export type Fail = (expected: string) => never;

/** An op as ONNX writes it; `operands` follow the node's own inputs, as constants named for the node. */
export type Encoding = {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly operands?: Readonly<Record<string, Tensor>>;
};

export type EncodeContext = {
  readonly opset: number;
  /** Of the node's first input. */
  readonly dtype: DType;
};

/** An input of a node that is being read: what is known of it. */
export type Operand = {
  /** What came before it knows it by this name; of no use for a constant. */
  readonly name: string;
  readonly fact: Fact;
  readonly constant?: Constant;
};

/** A node of an ONNX file that is being read. */
export type Source = {
  /** The operator's name in the file. */
  readonly op: string;
  readonly opset: number;
  /** The size of the batch that the file was exported for, where that is fixed. */
  readonly batch: number | undefined;
  /** Undefined: left out. */
  readonly inputs: readonly (Operand | undefined)[];
  /** The n-th input, which has to be there. */
  readonly input: (index: number) => Operand;
  /** The n-th input, which has to be floats known at conversion time. */
  readonly constant: (index: number, what: string) => Constant<'float32'>;
  /** The n-th input as integers known at conversion time, the batch's size among them as its symbol; undefined if left out. */
  readonly integers: (index: number, what: string) => readonly Dim[] | undefined;
  readonly int: (name: string, otherwise: number) => number;
  readonly float: (name: string, otherwise: number) => number;
  readonly text: (name: string, otherwise: string) => string;
  readonly ints: (name: string) => readonly number[] | undefined;
  /** Throws `unsupported` naming the node. */
  readonly refuse: Fail;
};

/** What a node became: an op over inputs by name or as new constants, or nothing but its n-th input. */
export type Decoded =
  | { readonly op: Op; readonly inputs: readonly (Operand | Constant)[] }
  | { readonly same: Operand };

/** Everything that is to be known of one kind of op. */
export type Definition<K extends OpKind> = {
  /** The output's fact from those of the inputs; at least `arity` of them. */
  readonly infer: (op: OpOf<K>, inputs: readonly Fact[], fail: Fail) => Fact;
  readonly arity: number;
  readonly encode: (op: OpOf<K>, context: EncodeContext) => Encoding;
};

export type Decoder = (source: Source) => Decoded;

/** One number of a value's own type. */
export function scalar(value: number, dtype: DType): Tensor {
  const single = Float32Array.of(value);
  switch (dtype) {
    case 'uint8':
      return { dtype, dims: [], data: Uint8Array.of(value) };
    case 'int8':
      return { dtype, dims: [], data: Int8Array.of(value) };
    case 'float16':
      return { dtype, dims: [], data: toHalf(single) };
    default:
      return { dtype: 'float32', dims: [], data: single };
  }
}

/** Axes, sizes, counts and the like. */
export function integers(values: readonly number[]): Tensor<'int64'> {
  return { dtype: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const flag = (value: boolean): Attribute => int(value ? 1 : 0);
