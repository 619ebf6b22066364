import { readFileSync } from 'node:fs';
import { type ErrorCode, ResedgeError } from '../../../../src/errors.ts';

const folder = new URL('../../../golden/weights/', import.meta.url);

/** A golden weight file. */
export function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

/** What Python's pickler and `struct` put into a golden file: dims and float32 values of every tensor. */
export type Expected = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly values: readonly (number | 'inf' | '-inf' | 'nan')[] }>
>;

export function expectedOf(name: string): Expected {
  const all = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Readonly<Record<string, Expected>>;
  return all[name] ?? {};
}

export function numbers(values: Expected[string]['values']): readonly number[] {
  const words = { inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY, nan: Number.NaN };
  return values.map((value) => (typeof value === 'number' ? value : words[value]));
}

/** `code: message` of the ResedgeError that `run` throws, the one line it must be; any other outcome is reported as itself. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ResedgeError)) return `not a ResedgeError: ${String(error)}`;
    const code: ErrorCode = error.code;
    return error.message.includes('\n') ? `more than one line: ${error.message}` : `${code}: ${error.message}`;
  }
  return 'accepted';
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A safetensors file with this header text and this many bytes of data. */
export function safetensors(header: string, dataBytes = 0, length: bigint = BigInt(header.length)): Uint8Array {
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, length, true);
  return concat(prefix, ascii(header), new Uint8Array(dataBytes));
}
