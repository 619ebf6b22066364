import type { Dice, Mutator } from './dice.ts';

/** Numbers that sizes, counts and offsets go wrong with. */
export const ODD: readonly number[] = [
  ...[0, 1, 2, 3, 0x3f, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff],
  ...[0x7fffffff, 0x80000000, 0xfffffff8, 0xfffffffc, 0xffffffff, 0x7fc00000, 0x7f800000],
];
/** Longest piece that is copied, removed or put over another. */
const LONGEST = 512;
/** Places looked at for a number that could be a size or an offset. */
const LOOKS = 20;

/** One damage to a file that knows nothing of its format. */
export const mutateBytes: Mutator = (bytes, dice) => dice.pick(MUTATORS)(bytes, dice);

/** A bit, a byte or a word changed at a place. */
export function change(bytes: Uint8Array, at: number, dice: Dice): Uint8Array {
  const copy = bytes.slice();
  if (at < 0 || at >= copy.length) return copy;
  const kind = dice.below(6);
  const view = new DataView(copy.buffer);
  if (kind === 0) copy[at]! ^= 1 << dice.below(8);
  else if (kind === 1 || at + 8 > copy.length) copy[at] = dice.pick(ODD);
  else if (kind === 2) view.setUint16(at, dice.pick(ODD), dice.chance(0.8));
  else if (kind === 3) view.setUint32(at, dice.pick(ODD), dice.chance(0.8));
  else if (kind === 4) view.setUint32(at, dice.below(2 * copy.length), dice.chance(0.8));
  else view.setBigUint64(at, BigInt(dice.pick(ODD)) << BigInt(dice.pick([0, 0, 32, 40])), dice.chance(0.8));
  return copy;
}

/** The bytes with a piece of them, or of others, in the place of `removed` of them. */
export function spliced(bytes: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + removed)]));
}

/** Structure stands where few weights do: a place whose word looks like a small number. */
function structure(bytes: Uint8Array, dice: Dice): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let look = 0; look < LOOKS; look++) {
    at = dice.below(bytes.length - 3);
    if (at >= 0 && at + 4 <= bytes.length && view.getUint32(at, true) < bytes.length) break;
  }
  return Math.max(0, at);
}

const lengthOf = (bytes: Uint8Array, dice: Dice): number => 1 + dice.below(Math.min(LONGEST, bytes.length));

const pieceOf: Mutator = (bytes, dice) => {
  const start = dice.below(bytes.length);
  return bytes.slice(start, start + lengthOf(bytes, dice));
};

const anywhere: Mutator = (bytes, dice) => change(bytes, dice.below(bytes.length), dice);
const atStructure: Mutator = (bytes, dice) => change(bytes, structure(bytes, dice), dice);
const cut: Mutator = (bytes, dice) => bytes.slice(0, dice.below(bytes.length));
const insert: Mutator = (bytes, dice) => spliced(bytes, dice.below(bytes.length), 0, pieceOf(bytes, dice));
const remove: Mutator = (bytes, dice) => {
  return spliced(bytes, dice.below(bytes.length), lengthOf(bytes, dice), new Uint8Array());
};
const overwrite: Mutator = (bytes, dice) => {
  const piece = dice.chance(0.5) ? pieceOf(bytes, dice) : new Uint8Array(lengthOf(bytes, dice)).fill(dice.pick(ODD));
  return spliced(bytes, dice.below(bytes.length), piece.length, piece);
};

/** By how often each is wanted. */
const MUTATORS: readonly Mutator[] = [
  ...[anywhere, anywhere, anywhere, atStructure, atStructure, atStructure, atStructure],
  ...[cut, insert, remove, overwrite],
];
