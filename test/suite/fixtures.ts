import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DType } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

type Stored = Readonly<Record<string, { readonly dims: readonly number[]; readonly data: readonly number[] }>>;

export type Case = { readonly inputs: Stored; readonly outputs: Stored };

export const goldenPath = (file: string): string =>
  fileURLToPath(new URL(`../golden/runtime/${file}`, import.meta.url));

export const goldenBytes = (file: string): Uint8Array => new Uint8Array(readFileSync(goldenPath(file)));

export function goldenCase(name: string): Case {
  const stored: Case = JSON.parse(readFileSync(goldenPath(`${name}.json`), 'utf8'));
  return stored;
}

/** Element types that a session takes and gives; int4 is for weights alone. */
export type PassedType = Exclude<DType, 'int4'>;

/** A tensor of the type, rounded from numbers. */
export function tensorOf(dtype: PassedType, dims: readonly number[], values: readonly number[]): Tensor {
  switch (dtype) {
    case 'float32':
      return { dtype, dims, data: Float32Array.from(values) };
    case 'float16':
    case 'uint16':
      return { dtype, dims, data: Uint16Array.from(values) };
    case 'uint8':
    case 'bool':
      return { dtype, dims, data: Uint8Array.from(values) };
    case 'int8':
      return { dtype, dims, data: Int8Array.from(values) };
    case 'int16':
      return { dtype, dims, data: Int16Array.from(values) };
    case 'int32':
      return { dtype, dims, data: Int32Array.from(values) };
    case 'int64':
      return { dtype, dims, data: BigInt64Array.from(values, (value) => BigInt(value)) };
  }
}
