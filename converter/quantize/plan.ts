import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Equalization } from './equalize.ts';

/** What is known of one quantized value, and why. */
export type ActivationPlan = QuantizationParameters & {
  readonly reason: string;
  /** The value whose parameters these are too, because the node between them only moves numbers. */
  readonly sharesWith?: string;
};

/** Stored weights of one Conv or Gemm. */
export type LayerPlan = {
  readonly dims: readonly number[];
  readonly data: Int8Array;
  /** Of the file: 4-bit weights are packed. */
  readonly bits: 8 | 4;
  /** Per output channel. */
  readonly scales: Float32Array;
  /** What stands for 0; default: 0 itself. */
  readonly zeroPoint?: number;
  /** In steps of input scale * weight scale, per output channel; absent where the layer has none. */
  readonly bias: Int32Array | undefined;
  /** Output channels that gave way to the int16 hazard. */
  readonly limited: number;
};

/** Every decision of a quantization as data; `applyPlan` only carries it out. */
export type QuantizationPlan = {
  /** By value name. */
  readonly activations: ReadonlyMap<string, ActivationPlan>;
  /** By node name. */
  readonly layers: ReadonlyMap<string, LayerPlan>;
  /** Values whose channels are rescaled; their parameters, and the layers around them, are those of the rescaled network. */
  readonly equalized: Equalization;
  /** Convs, Gemms and Adds that are computed in float, by node name, and why. */
  readonly kept: ReadonlyMap<string, string>;
};
