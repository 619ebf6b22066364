/** Quantization schemes by name: what is stored, and what the target's kernels do with it. */
export const SCHEME_NAMES = ['u8s8-safe', 'u8s8', 's8s8', 'u16s8', 'u8s4'] as const;
export type SchemeName = (typeof SCHEME_NAMES)[number];

/** Integer types that quantized activations are stored in. */
export type QuantizedDType = 'uint8' | 'int8' | 'uint16';

/** Affine quantization of a whole tensor: real = (stored - zeroPoint) * scale; scale is a float32 value above zero. */
export type QuantizationParameters = {
  readonly dtype: QuantizedDType;
  readonly scale: number;
  readonly zeroPoint: number;
};

/** Stored integers as reals. */
export function dequantize(
  data: Uint8Array | Int8Array | Uint16Array,
  { scale, zeroPoint }: QuantizationParameters,
): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = (data[i]! - zeroPoint) * scale;
  return out;
}
