import type { DType } from '../../src/tensor/dtype.ts';

/** Rows, columns. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

/** A window that slides over an image. */
export type Window = { readonly kernel: Pair; readonly strides: Pair; readonly pads: Pads };

/**
 * What a node computes, with its attributes typed; semantics are those of the ONNX operator of the same name. How each one infers
 * shapes, is written and is read stands in `ops/`.
 */
export type Op =
  /** `dilations` absent: 1 x 1. */
  | ({ readonly kind: 'Conv'; readonly group: number; readonly dilations?: Pair } & Window)
  | { readonly kind: 'BatchNormalization'; readonly epsilon: number }
  /** Local response normalization over `size` channels. */
  | {
      readonly kind: 'LRN';
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
      readonly bias: number;
    }
  | { readonly kind: 'Relu' }
  | { readonly kind: 'Sigmoid' }
  | { readonly kind: 'Tanh' }
  | { readonly kind: 'HardSwish' }
  | { readonly kind: 'Softplus' }
  | { readonly kind: 'Erf' }
  | { readonly kind: 'Sqrt' }
  | { readonly kind: 'LeakyRelu'; readonly alpha: number }
  | { readonly kind: 'Elu'; readonly alpha: number }
  | { readonly kind: 'HardSigmoid'; readonly alpha: number; readonly beta: number }
  | { readonly kind: 'Clip'; readonly min: number; readonly max: number }
  | { readonly kind: 'PRelu' }
  | { readonly kind: 'Add' }
  | { readonly kind: 'Sub' }
  | { readonly kind: 'Mul' }
  | { readonly kind: 'Div' }
  | ({ readonly kind: 'MaxPool' } & Window)
  /** `ceil`: a last window that is not whole counts as well. */
  | ({ readonly kind: 'AveragePool'; readonly countPadding: boolean; readonly ceil: boolean } & Window)
  | { readonly kind: 'GlobalAveragePool' }
  | { readonly kind: 'ReduceMean'; readonly axes: readonly number[]; readonly keepDims: boolean }
  | { readonly kind: 'Softmax'; readonly axis: number }
  | { readonly kind: 'Flatten'; readonly axis: number }
  /** 0 keeps the dimension at its place, -1 stands for the rest. */
  | { readonly kind: 'Reshape'; readonly shape: readonly number[] }
  | { readonly kind: 'Concat'; readonly axis: number }
  /** One entry an axis that is cut, in `axes`; bounds as in ONNX. */
  | {
      readonly kind: 'Slice';
      readonly axes: readonly number[];
      readonly starts: readonly number[];
      readonly ends: readonly number[];
      readonly steps: readonly number[];
    }
  | { readonly kind: 'Gemm'; readonly transB: boolean }
  | { readonly kind: 'MatMul' }
  | { readonly kind: 'Transpose'; readonly perm: readonly number[] }
  | { readonly kind: 'Cast'; readonly to: DType }
  /** Constant padding; `pads` holds the counts before every axis, then those after. */
  | { readonly kind: 'Pad'; readonly pads: readonly number[]; readonly value: number }
  /** Inputs: data, scale, zero point. `axis` is set where scale and zero point are per channel. */
  | { readonly kind: 'QuantizeLinear'; readonly axis?: number }
  | { readonly kind: 'DequantizeLinear'; readonly axis?: number };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { readonly kind: K }>;
