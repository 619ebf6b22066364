import { fromHalf } from '../../src/tensor/half.ts';
import { viewOf } from './bytes.ts';
import type { StoredDType } from './types.ts';

const BYTES: Readonly<Record<StoredDType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Bytes of one stored element. */
export function storedBytes(dtype: StoredDType): number {
  return BYTES[dtype];
}

/** The dtype of that name, or undefined. */
export function storedDType(name: string): StoredDType | undefined {
  return Object.hasOwn(BYTES, name) ? (name as StoredDType) : undefined;
}

/**
 * Little-endian elements as float32. F16 and BF16 are exact, F64 and the integers round to nearest, BOOL is 0 or 1. F32 is a
 * view where it lies on a multiple of four bytes.
 */
export function decode(dtype: StoredDType, bytes: Uint8Array): Float32Array {
  if (dtype === 'F32') return decodeFloat32(bytes);
  if (dtype === 'F16') return decodeFloat16(bytes);
  if (dtype === 'BF16') return decodeBfloat16(bytes);
  const read = READERS[dtype];
  const view = viewOf(bytes);
  const step = BYTES[dtype];
  const values = new Float32Array(bytes.length / step);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * step);
  return values;
}

const READERS: Readonly<Record<Exclude<StoredDType, 'F32' | 'F16' | 'BF16'>, (view: DataView, at: number) => number>> =
  {
    F64: (view, at) => view.getFloat64(at, true),
    I64: (view, at) => Number(view.getBigInt64(at, true)),
    I32: (view, at) => view.getInt32(at, true),
    I16: (view, at) => view.getInt16(at, true),
    I8: (view, at) => view.getInt8(at),
    U8: (view, at) => view.getUint8(at),
    BOOL: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  };

function decodeFloat32(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

function decodeFloat16(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return fromHalf(new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2));
}

/** bfloat16: the upper half of a float32. */
function decodeBfloat16(bytes: Uint8Array): Float32Array {
  const bits = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
  return new Float32Array(bits.buffer);
}
