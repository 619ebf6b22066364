import { readFileSync } from 'node:fs';
import { WEIGHTS } from './resedge.ts';

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

export type Parts = {
  /** Of tensors by name, without the file's own metadata. */
  readonly header: Header;
  readonly data: Uint8Array;
};

/** The bundled weights, taken apart. */
export function bundledParts(): Parts {
  const file = readFileSync(WEIGHTS);
  const length = Number(file.readBigUInt64LE());
  const { __metadata__: _, ...header } = JSON.parse(file.toString('utf8', 8, 8 + length));
  return { header, data: Uint8Array.from(file.subarray(8 + length)) };
}

/** A safetensors file; `length` is what it says of its header's length. */
export function safetensorsFile({ header, data }: Parts, length?: bigint): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([prefix, text, data]);
}

/** The bundled weights with another value at an element of a float32 tensor. */
export function withValue(tensor: string, element: number, value: number): Uint8Array {
  const parts = bundledParts();
  const start = parts.header[tensor]?.data_offsets[0] ?? Number.NaN;
  new DataView(parts.data.buffer).setFloat32(start + 4 * element, value, true);
  return safetensorsFile(parts);
}

/** The bundled weights with a changed header. */
export function withHeader(change: (header: Header) => void): Uint8Array {
  const parts = bundledParts();
  change(parts.header);
  return safetensorsFile(parts);
}
