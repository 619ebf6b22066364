/** Element types that graphs, models and sessions use, under ONNX's names in lower case. */
export type DType = 'float32' | 'float16' | 'uint8' | 'int8' | 'int4' | 'uint16' | 'int16' | 'int32' | 'int64' | 'bool';

/** The typed array that holds each element type; float16 as raw bits, bool as bytes, int4 two to a byte with the first one low. */
export type DataOf = {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int4: Uint8Array;
  readonly uint16: Uint16Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
};

export type TensorData = DataOf[DType];

const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float16: 2,
  uint8: 1,
  int8: 1,
  int4: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Length of the typed array that holds `count` elements. */
export function arrayLength(dtype: DType, count: number): number {
  return dtype === 'int4' ? Math.ceil(count / 2) : count;
}

/** Bytes of one entry of the typed array. */
export function bytesPerEntry(dtype: DType): number {
  return BYTES[dtype];
}
