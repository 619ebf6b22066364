import { change, mutateBytes, spliced } from './bytes.ts';
import type { Dice, Mutator } from './dice.ts';
import { mutateText } from './json.ts';

/** Trees, heaps, tables of symbols, collections of long texts: structures that say their names. */
const NAMED: readonly string[] = ['TREE', 'HEAP', 'SNOD', 'GCOL', 'OHDR', '\x89HDF'];
/** Bytes of a structure's head. */
const HEAD = 96;
/** Opens the text that a model's config is. */
const CONFIG = '{"class_name"';

/** Damages an HDF5 file in its structures, in the JSON of its config, or anywhere. */
export const mutateHdf5: Mutator = (bytes, dice) => {
  const kind = dice.below(10);
  if (kind < 4) return atSignature(bytes, dice);
  if (kind < 6) return atObject(bytes, dice);
  return (kind < 8 ? inConfig(bytes, dice) : undefined) ?? mutateBytes(bytes, dice);
};

function atSignature(bytes: Uint8Array, dice: Dice): Uint8Array {
  const found = placesOf(bytes, dice.pick(NAMED));
  return change(bytes, (found.length > 0 ? dice.pick(found) : 0) + dice.below(HEAD), dice);
}

/** In a head of version 1, known by its single reference; what is in it follows: types, shapes, places of data, filters. */
function atObject(bytes: Uint8Array, dice: Dice): Uint8Array {
  const heads: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    if (bytes[at] === 1 && bytes[at + 1] === 0 && bytes[at + 4] === 1 && bytes[at + 5] === 0) heads.push(at);
  }
  return change(bytes, (heads.length > 0 ? dice.pick(heads) : 0) + dice.below(4 * HEAD), dice);
}

/** A changed config where it finds room in the place of the old one: the rest is blanks. */
function inConfig(bytes: Uint8Array, dice: Dice): Uint8Array | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = buffer.indexOf(CONFIG);
  const zero = buffer.indexOf(0, start);
  const text = buffer.toString('utf8', start, zero);
  const end = text.lastIndexOf('}') + 1;
  const changed = start < 0 || zero < 0 ? undefined : mutateText(text.slice(0, end), dice);
  if (changed === undefined || Buffer.byteLength(changed) > end) return undefined;
  return spliced(bytes, start, end, Buffer.from(changed + ' '.repeat(end - Buffer.byteLength(changed))));
}

function placesOf(bytes: Uint8Array, name: string): readonly number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const places: number[] = [];
  for (let at = buffer.indexOf(name, 0, 'latin1'); at >= 0; at = buffer.indexOf(name, at + 1, 'latin1'))
    places.push(at);
  return places;
}
