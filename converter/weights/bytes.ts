import { ResedgeError } from '../../src/errors.ts';

// The room compiles without the DOM library; every host of this code (Node, browsers) has this decoder.
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: true; readonly ignoreBOM: true },
) => { readonly decode: (bytes: Uint8Array) => string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest piece of an untrusted name that an error message repeats. */
const MAX_QUOTED = 120;

/** An untrusted name fit for a one-line message: control characters replaced, cut after 120 characters. */
export function quote(name: string): string {
  const cut = name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}...` : name;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

/** A little-endian number source over the same memory; never reads outside `bytes`. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws `input` unless `length` bytes lie at `at`. */
export function expectBytes(bytes: Uint8Array, at: number, length: number, what: string): void {
  if (at < 0 || length > bytes.length - at) {
    throw new ResedgeError(
      'input',
      `expected ${length} bytes for ${quote(what)} at byte ${at}, received ${Math.max(0, bytes.length - at)}: the file is cut short or damaged, download or save it again`,
    );
  }
}

/** The unsigned 64-bit little-endian number at `at`; numbers past 2^53 come back as Infinity, larger than any file. */
export function readUint64(bytes: Uint8Array, at: number, what: string): number {
  expectBytes(bytes, at, 8, what);
  const value = Number(viewOf(bytes).getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}

/** Strict UTF-8; throws `input` where the bytes are not. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ResedgeError(
      'input',
      `expected UTF-8 text in ${what}, received other bytes: the file is damaged, download or save it again`,
      { cause },
    );
  }
}

/** Bytes that become characters in one call; more would overflow the call stack. */
const LATIN1_CHUNK = 4096;

/** One character for each byte, as ISO 8859-1. */
export function decodeLatin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += LATIN1_CHUNK) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + LATIN1_CHUNK)));
  }
  return pieces.join('');
}
