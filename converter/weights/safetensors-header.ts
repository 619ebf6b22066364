import { ResedgeError } from '../../src/errors.ts';
import { quote } from './bytes.ts';

/** Most tensors that a header may name; the largest ResNet has under a thousand. */
export const MAX_TENSORS = 65_536;
/** Longest tensor name, in characters. */
export const MAX_NAME = 1024;
/** Most dimensions of a tensor. */
export const MAX_RANK = 16;

/** One tensor as the header describes it; numbers are non-negative safe integers, nothing else is checked. */
export type HeaderEntry = {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offsets: readonly [number, number];
};

/** Reads one token after the other; holds the only mutable state, the place in the text. */
type Scanner = {
  /** Skips white space, then takes `char` if it comes next. */
  readonly take: (char: string) => boolean;
  readonly expect: (char: string, where: string) => void;
  readonly string: (where: string) => string;
  readonly integer: (where: string) => number;
  readonly atEnd: () => boolean;
};

/**
 * The header of a safetensors file: an object of tensors in file order, and `__metadata__`, an object of strings. Stricter
 * than JSON.parse, and flat: a repeated key, an unknown key and a number that is no size are refused; nesting cannot grow.
 */
export function parseHeader(text: string): {
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const scanner = scan(text);
  const entries = new Map<string, HeaderEntry>();
  let metadata: ReadonlyMap<string, string> | undefined;
  parseObject(scanner, 'the header', (name) => {
    if (name === '__metadata__') {
      if (metadata !== undefined) throw repeated(name, 'the header');
      metadata = parseMetadata(scanner);
      return;
    }
    if (name.length > MAX_NAME || entries.size >= MAX_TENSORS) {
      throw new ResedgeError(
        'limit',
        `expected at most ${MAX_TENSORS} tensors with names of at most ${MAX_NAME} characters in the safetensors header, received more at ${quote(name)}`,
      );
    }
    if (entries.has(name)) throw repeated(name, 'the header');
    entries.set(name, parseEntry(scanner, quote(name)));
  });
  if (!scanner.atEnd()) throw malformed('nothing after the closing brace of the header');
  return { entries, metadata: metadata ?? new Map() };
}

function parseMetadata(scanner: Scanner): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  parseObject(scanner, '__metadata__', (key) => {
    if (metadata.has(key)) throw repeated(key, '__metadata__');
    metadata.set(key, scanner.string(`__metadata__ ${quote(key)}`));
  });
  return metadata;
}

function parseEntry(scanner: Scanner, name: string): HeaderEntry {
  let dtype: string | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  parseObject(scanner, name, (key) => {
    if (key === 'dtype' && dtype === undefined) dtype = scanner.string(`dtype of ${name}`);
    else if (key === 'shape' && shape === undefined) shape = parseIntegers(scanner, `shape of ${name}`);
    else if (key === 'data_offsets' && offsets === undefined)
      offsets = parseIntegers(scanner, `data_offsets of ${name}`);
    else if (['dtype', 'shape', 'data_offsets'].includes(key)) throw repeated(key, name);
    else throw malformed(`only dtype, shape and data_offsets in ${name}, received ${quote(key)}`);
  });
  const [begin, end] = offsets ?? [];
  if (dtype === undefined || shape === undefined || begin === undefined || end === undefined || offsets?.length !== 2) {
    throw malformed(`dtype, shape and two data_offsets in ${name}`);
  }
  return { dtype, shape, offsets: [begin, end] };
}

function parseObject(scanner: Scanner, where: string, member: (key: string) => void): void {
  scanner.expect('{', where);
  if (scanner.take('}')) return;
  do {
    const key = scanner.string(`a key of ${where}`);
    scanner.expect(':', where);
    member(key);
  } while (scanner.take(','));
  scanner.expect('}', where);
}

function parseIntegers(scanner: Scanner, where: string): readonly number[] {
  const values: number[] = [];
  scanner.expect('[', where);
  if (scanner.take(']')) return values;
  do {
    if (values.length >= MAX_RANK) {
      throw new ResedgeError('limit', `expected at most ${MAX_RANK} numbers in the ${where}, received more`);
    }
    values.push(scanner.integer(where));
  } while (scanner.take(','));
  scanner.expect(']', where);
  return values;
}

function scan(text: string): Scanner {
  let at = 0;
  const skip = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  };
  const take = (char: string): boolean => {
    skip();
    if (text[at] !== char) return false;
    at++;
    return true;
  };
  const expect = (char: string, where: string): void => {
    if (!take(char))
      throw malformed(
        `${char} in ${where} at character ${at}, received ${quote(text.slice(at, at + 12)) || 'the end'}`,
      );
  };
  const string = (where: string): string => {
    expect('"', where);
    const start = at - 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      throw malformed(`a string for ${where} at character ${start}`);
    }
  };
  const integer = (where: string): number => {
    skip();
    const start = at;
    while (at < text.length && !' \t\r\n,]}'.includes(text[at]!)) at++;
    const word = text.slice(start, at);
    const value = /^(0|[1-9]\d{0,15})$/.test(word) ? Number(word) : Number.NaN;
    if (!Number.isSafeInteger(value))
      throw malformed(`whole numbers from 0 to 2^53 in ${where}, received ${quote(word)}`);
    return value;
  };
  const atEnd = (): boolean => {
    skip();
    return at >= text.length;
  };
  return { take, expect, string, integer, atEnd };
}

function repeated(key: string, where: string): ResedgeError {
  return malformed(`every key once in ${where}, received ${quote(key)} twice`);
}

function malformed(expected: string): ResedgeError {
  return new ResedgeError(
    'input',
    `damaged safetensors header: expected ${expected}; download the file or save it again`,
  );
}
