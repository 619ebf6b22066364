import type { DType } from '../../src/tensor/dtype.ts';

/** Rows, columns. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

/** What a node computes, with its attributes typed; semantics are those of the ONNX operator of the same name. */
export type Op =
  | {
      readonly kind: 'Conv';
      readonly kernel: Pair;
      readonly strides: Pair;
      readonly pads: Pads;
      readonly group: number;
    }
  | { readonly kind: 'BatchNormalization'; readonly epsilon: number }
  | { readonly kind: 'Relu' }
  | { readonly kind: 'Add' }
  | { readonly kind: 'Sub' }
  | { readonly kind: 'MaxPool'; readonly kernel: Pair; readonly strides: Pair; readonly pads: Pads }
  | { readonly kind: 'GlobalAveragePool' }
  | { readonly kind: 'Flatten'; readonly axis: number }
  | { readonly kind: 'Gemm'; readonly transB: boolean }
  | { readonly kind: 'Transpose'; readonly perm: readonly number[] }
  | { readonly kind: 'Cast'; readonly to: DType }
  /** Constant padding; `pads` holds the counts before every axis, then those after. */
  | { readonly kind: 'Pad'; readonly pads: readonly number[]; readonly value: number }
  /** Inputs: data, scale, zero point. `axis` is set where scale and zero point are per channel. */
  | { readonly kind: 'QuantizeLinear'; readonly axis?: number }
  | { readonly kind: 'DequantizeLinear'; readonly axis?: number };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { readonly kind: K }>;
