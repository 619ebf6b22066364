import { ResedgeError } from '../../src/errors.ts';
import { decodeUtf8, quote, viewOf } from '../weights/bytes.ts';

/**
 * A table of a flatbuffer. Fields are known by their number in the schema; every offset is checked against the file before it is
 * followed, so that no file can make a reader look outside it. Offsets point forward alone, hence nothing goes in circles.
 */
export type Table = {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Where the offsets of the fields stand, and how many there are. */
  readonly fields: number;
  readonly count: number;
  /** Bytes of the table itself. */
  readonly size: number;
};

/** Longest text that is read; a longer one is cut. */
const MAX_TEXT = 1024;

/** Bytes of an offset, or of a length. */
const OFFSET = 4;

/** The table that the file starts with. Throws `input` as everything here does, for a file that is damaged. */
export function rootOf(bytes: Uint8Array): Table {
  return tableAt(bytes, follow(bytes, 0));
}

export function int8(table: Table, field: number, otherwise = 0): number {
  const at = fieldAt(table, field, 1);
  return at === undefined ? otherwise : viewOf(table.bytes).getInt8(at);
}

export function uint8(table: Table, field: number, otherwise = 0): number {
  const at = fieldAt(table, field, 1);
  return at === undefined ? otherwise : table.bytes[at]!;
}

export function int32(table: Table, field: number, otherwise = 0): number {
  const at = fieldAt(table, field, 4);
  return at === undefined ? otherwise : viewOf(table.bytes).getInt32(at, true);
}

export function uint32(table: Table, field: number, otherwise = 0): number {
  return int32(table, field, otherwise) >>> 0;
}

/** Past 2^53 it comes back rounded, which is larger than any file. */
export function uint64(table: Table, field: number): number {
  const at = fieldAt(table, field, 8);
  return at === undefined ? 0 : Number(viewOf(table.bytes).getBigUint64(at, true));
}

export function float32(table: Table, field: number, otherwise = 0): number {
  const at = fieldAt(table, field, 4);
  return at === undefined ? otherwise : viewOf(table.bytes).getFloat32(at, true);
}

export function tableIn(table: Table, field: number): Table | undefined {
  const at = fieldAt(table, field, OFFSET);
  return at === undefined ? undefined : tableAt(table.bytes, follow(table.bytes, at));
}

/** Empty where the field is not there; throws `limit` for more than `most`. */
export function tablesIn(table: Table, field: number, most: number, what: string): readonly Table[] {
  const vector = vectorIn(table, field, OFFSET);
  if (vector === undefined) return [];
  if (vector.length > most) {
    throw new ResedgeError('limit', `expected at most ${most} ${what} in a TFLite model, received ${vector.length}`);
  }
  return Array.from({ length: vector.length }, (_, i) =>
    tableAt(table.bytes, follow(table.bytes, vector.at + i * OFFSET)),
  );
}

/** Undefined where it is not there. Characters that do not belong in one line are replaced. */
export function textIn(table: Table, field: number): string | undefined {
  const vector = vectorIn(table, field, 1);
  if (vector === undefined) return undefined;
  const text = table.bytes.subarray(vector.at, vector.at + Math.min(vector.length, MAX_TEXT));
  try {
    return quote(decodeUtf8(text, 'a name'));
  } catch {
    // Cut within a character, or no text: a name is no reason to refuse a model.
    return quote(String.fromCharCode(...text));
  }
}

/** A window on the file; undefined where the field is not there. */
export function bytesIn(table: Table, field: number): Uint8Array | undefined {
  const vector = vectorIn(table, field, 1);
  return vector && table.bytes.subarray(vector.at, vector.at + vector.length);
}

const WIDTHS = { int32: 4, float32: 4, int64: 8 } as const;

/** Empty where the field is not there; throws `limit` for more than `most` numbers. */
export function numbersIn(
  table: Table,
  field: number,
  kind: keyof typeof WIDTHS,
  most: number,
  what: string,
): readonly number[] {
  const width = WIDTHS[kind];
  const vector = vectorIn(table, field, width);
  if (vector === undefined) return [];
  if (vector.length > most) {
    throw new ResedgeError('limit', `expected at most ${most} ${what}, received ${vector.length}`);
  }
  const view = viewOf(table.bytes);
  return Array.from({ length: vector.length }, (_, i) => {
    const at = vector.at + i * width;
    if (kind === 'float32') return view.getFloat32(at, true);
    return kind === 'int32' ? view.getInt32(at, true) : Number(view.getBigInt64(at, true));
  });
}

/** Where a field's value stands; undefined where the table leaves it out. */
function fieldAt({ bytes, at, fields, count, size }: Table, field: number, width: number): number | undefined {
  if (field >= count) return undefined;
  const offset = viewOf(bytes).getUint16(fields + 2 * field, true);
  if (offset === 0) return undefined;
  if (offset < OFFSET || offset + width > size) throw damaged(at);
  return at + offset;
}

/** A table starts with the distance back to the list of its fields' offsets, behind two sizes. */
function tableAt(bytes: Uint8Array, at: number): Table {
  const view = viewOf(bytes);
  if (at + OFFSET > bytes.length) throw damaged(at);
  const list = at - view.getInt32(at, true);
  if (list < 0 || list + 4 > bytes.length) throw damaged(at);
  const [listBytes, size] = [view.getUint16(list, true), view.getUint16(list + 2, true)];
  if (listBytes < 4 || list + listBytes > bytes.length || size < OFFSET || at + size > bytes.length) throw damaged(at);
  return { bytes, at, fields: list + 4, count: (listBytes - 4) >> 1, size };
}

type Vector = { readonly at: number; readonly length: number };

function vectorIn(table: Table, field: number, width: number): Vector | undefined {
  const at = fieldAt(table, field, OFFSET);
  if (at === undefined) return undefined;
  const start = follow(table.bytes, at);
  const length = viewOf(table.bytes).getUint32(start, true);
  if (length * width > table.bytes.length - start - OFFSET) throw damaged(start);
  return { at: start + OFFSET, length };
}

/** What the offset at `at` points to, which has room for a number of 32 bits. */
function follow(bytes: Uint8Array, at: number): number {
  if (at + OFFSET > bytes.length) throw damaged(at);
  const offset = viewOf(bytes).getUint32(at, true);
  if (offset === 0 || at + offset + OFFSET > bytes.length) throw damaged(at);
  return at + offset;
}

function damaged(at: number): ResedgeError {
  return new ResedgeError(
    'input',
    `expected a whole TFLite model, what byte ${at} points to lies outside the file: it is cut short or damaged, download or save it again`,
  );
}
