import { ResedgeError } from '../../src/errors.ts';
import { decodeLatin1, decodeUtf8, expectBytes, readUint64 } from './bytes.ts';
import { malformed, type PickleStorage, type PickleValue } from './pickle-values.ts';

/** Deepest stack; containers are filled in batches of a thousand. */
export const MAX_STACK = 65_536;
/** Most remembered values; a tensor takes about nine. */
export const MAX_MEMO = 262_144;
/** Most tuples, lists, dicts, tensors and the like; a tensor takes about seven. */
export const MAX_CONTAINERS = 262_144;
/** Most tensors, those of the optimizer's state included. */
export const MAX_TENSORS = 16_384;
/** Longest text, in bytes. */
export const MAX_TEXT = 1_048_576;
/** Longest integer, in bytes. */
export const MAX_INTEGER = 256;
/** Longest module or class name, in bytes. */
export const MAX_GLOBAL = 256;

/** The state of a running unpickler. */
export type Machine = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  readonly stack: PickleValue[];
  /** Stack heights at the open marks. */
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
  readonly storages: Map<string, PickleStorage>;
  containers: number;
  tensors: number;
};

/** Moves past `length` bytes and returns where they begin. */
export function take(m: Machine, length: number): number {
  expectBytes(m.bytes, m.at, length, 'a pickle');
  m.at += length;
  return m.at - length;
}

export const size8: (m: Machine) => number = (m) => m.view.getUint8(take(m, 1));
export const size32: (m: Machine) => number = (m) => m.view.getUint32(take(m, 4), true);
export const size64: (m: Machine) => number = (m) => readUint64(m.bytes, take(m, 8), 'a length in a pickle');

export function expectLimit(value: number, limit: number, what: string): void {
  if (value <= limit) return;
  throw new ResedgeError(
    'limit',
    `expected at most ${limit} ${what} in a pickle, received ${value}: save model.state_dict() alone`,
  );
}

export function push(m: Machine, value: PickleValue): void {
  m.stack.push(value);
  expectLimit(m.stack.length, MAX_STACK, 'values on the stack');
}

/** Pushes a new value that costs `cost` containers' worth of memory. */
export function make(m: Machine, value: PickleValue, cost = 1): void {
  m.containers += cost;
  expectLimit(m.containers, MAX_CONTAINERS, 'tuples, lists, dicts and tensors');
  push(m, value);
}

export function pop(m: Machine): PickleValue {
  const value = m.stack.length > (m.marks.at(-1) ?? 0) ? m.stack.pop() : undefined;
  if (value === undefined) throw malformed(`a value on the stack at byte ${m.at - 1}`);
  return value;
}

export function popMany(m: Machine, count: number): PickleValue[] {
  if (m.stack.length - (m.marks.at(-1) ?? 0) < count)
    throw malformed(`${count} values on the stack at byte ${m.at - 1}`);
  return m.stack.splice(m.stack.length - count, count);
}

export function mark(m: Machine): void {
  m.marks.push(m.stack.length);
  expectLimit(m.marks.length, MAX_STACK, 'open marks');
}

export function popMark(m: Machine): PickleValue[] {
  const height = m.marks.pop();
  if (height === undefined) throw malformed(`an open mark at byte ${m.at - 1}`);
  return m.stack.splice(height);
}

export function top(m: Machine): PickleValue | undefined {
  return m.stack.length > (m.marks.at(-1) ?? 0) ? m.stack.at(-1) : undefined;
}

export function text(m: Machine, length: number): string {
  expectLimit(length, MAX_TEXT, 'bytes of text');
  const at = take(m, length);
  return decodeUtf8(m.bytes.subarray(at, at + length), `a pickled string at byte ${at}`);
}

/** A string of Python 2, whose encoding is unknown. */
export function byteText(m: Machine, length: number): string {
  expectLimit(length, MAX_TEXT, 'bytes of text');
  return decodeLatin1(binary(m, length));
}

export function binary(m: Machine, length: number): Uint8Array {
  const at = take(m, length);
  return m.bytes.subarray(at, at + length);
}

/** Two's complement, little-endian. */
export function integer(m: Machine, length: number): number | bigint {
  expectLimit(length, MAX_INTEGER, 'bytes of an integer');
  const digits = binary(m, length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]!);
  const signed = BigInt.asIntN(8 * length, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

export function line(m: Machine): string {
  const end = m.bytes.subarray(m.at, m.at + MAX_GLOBAL).indexOf(0x0a);
  if (end < 0) throw malformed(`a name of at most ${MAX_GLOBAL} bytes at byte ${m.at}`);
  const at = take(m, end + 1);
  return decodeLatin1(m.bytes.subarray(at, at + end));
}
