import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { damaged, type Field, safeInteger, spend } from './read.ts';

/** A repeated numeric field in packed form, however it was written: a view while it came in one piece. */
export type Packed = { head: Uint8Array; tail: BinaryWriter | undefined };

export function newPacked(): Packed {
  return { head: new Uint8Array(0), tail: undefined };
}

/** Adds a field that holds one element of the given wire type, or many of them packed. */
export function appendPacked(list: Packed, field: Field, element: WireType.Varint | WireType.Bit32): void {
  if (field.wire !== element && field.wire !== WireType.LengthDelimited) {
    throw damaged(field.what, `field ${field.number} has wire type ${field.wire} instead of ${element}`);
  }
  const { reader, wire, number } = field;
  const bytes = wire === WireType.LengthDelimited ? reader.bytes() : reader.skip(wire, number);
  if (list.tail !== undefined) list.tail.raw(bytes);
  else if (list.head.length === 0) list.head = bytes;
  else list.tail = new BinaryWriter().raw(list.head).raw(bytes);
}

/** All elements so far, in packed form. */
export function packedBytes(list: Packed): Uint8Array {
  if (list.tail !== undefined) {
    list.head = list.tail.finish();
    list.tail = undefined;
  }
  return list.head;
}

/** The number of varints in `bytes`; code `input` if the last one is cut off. */
export function countVarints(bytes: Uint8Array, what: string): number {
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  if (bytes.length > 0 && bytes[bytes.length - 1]! >= 0x80) throw damaged(what, 'a packed integer is cut off');
  return count;
}

/** The elements as numbers; each is charged to the field's budget. */
export function packedIntegers(list: Packed, { budget, what }: Pick<Field, 'budget' | 'what'>): readonly number[] {
  const bytes = packedBytes(list);
  const count = countVarints(bytes, what);
  spend(budget, count, what);
  const reader = new BinaryReader(bytes);
  return Array.from({ length: count }, () => safeInteger(reader, what));
}

/** The elements as numbers; each is charged to the field's budget. */
export function packedFloats(list: Packed, { budget, what }: Pick<Field, 'budget' | 'what'>): readonly number[] {
  const bytes = packedBytes(list);
  if (bytes.length % 4 !== 0) throw damaged(what, 'a packed float is cut off');
  spend(budget, bytes.length / 4, what);
  const reader = new BinaryReader(bytes);
  return Array.from({ length: bytes.length / 4 }, () => reader.float());
}
