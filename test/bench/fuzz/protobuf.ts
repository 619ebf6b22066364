import { mutateBytes, ODD } from './bytes.ts';
import type { Dice, Mutator } from './dice.ts';

/** Longest bytes that are looked into for a message. */
const LONGEST = 65_536;
const DEPTH = 12;

/** A field as it is written; `value` is a message where its bytes read as one. */
type Field = { number: number; wire: number; value: bigint | Uint8Array | Field[] };

/** Damages a protobuf message field by field, its lengths mended, or anywhere. */
export const mutateProtobuf: Mutator = (bytes, dice) => {
  const root = dice.chance(0.75) ? messageIn(bytes, 0) : undefined;
  if (root === undefined) return mutateBytes(bytes, dice);
  const lists = listsIn(root);
  const list = dice.pick(lists);
  const at = dice.below(list.length);
  const field = list[at];
  if (field === undefined) return mutateBytes(bytes, dice);
  const kind = dice.below(6);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(dice.below(list.length), 0, field);
  else if (kind === 2) dice.pick(lists.filter((other) => !holds(field, other))).push(field);
  else if (kind === 3) field.number = dice.pick([1, 2, 3, 4, 5, 9, 13, 14, 20, field.number + 1]);
  else field.value = changed(field, dice);
  return encoded(root);
};

function changed({ value }: Field, dice: Dice): Field['value'] {
  if (typeof value === 'bigint') return BigInt(dice.pick([...ODD, -1, -2, Number(value) + 1, Number(value) * 2]));
  const bytes = value instanceof Uint8Array ? value : encoded(value);
  return dice.chance(0.2) ? new Uint8Array() : mutateBytes(bytes, dice);
}

/** All messages of a tree. */
function listsIn(list: Field[]): Field[][] {
  return [list, ...list.flatMap(({ value }) => (Array.isArray(value) ? listsIn(value) : []))];
}

function holds({ value }: Field, list: Field[]): boolean {
  return Array.isArray(value) && listsIn(value).includes(list);
}

function messageIn(bytes: Uint8Array, depth: number): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    at = Number.POSITIVE_INFINITY;
    return value;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || ![0, 1, 2, 5].includes(wire)) return undefined;
    if (wire === 0) fields.push({ number, wire, value: varint() });
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
      const value = bytes.slice(at, at + length);
      at += length;
      const inner =
        wire === 2 && length > 1 && length < LONGEST && depth < DEPTH ? messageIn(value, depth + 1) : undefined;
      fields.push({ number, wire, value: inner ?? value });
    }
  }
  return at === bytes.length ? fields : undefined;
}

function encoded(list: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire, value } of list) {
    parts.push(varintOf(BigInt(number * 8 + wire)));
    if (typeof value === 'bigint') {
      parts.push(varintOf(value));
      continue;
    }
    const bytes = value instanceof Uint8Array ? value : encoded(value);
    if (wire === 2) parts.push(varintOf(BigInt(bytes.length)));
    parts.push(bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(bytes);
}
