import { change, mutateBytes, ODD } from './bytes.ts';
import type { Dice, Mutator } from './dice.ts';

/** Places looked at for a table. */
const LOOKS = 400;
/** Largest list of a table's fields and largest table that are believed, bytes. */
const [MOST_FIELDS, MOST_BYTES] = [128, 512];

type Table = { readonly at: number; readonly fields: number; readonly count: number };

/** Damages a flatbuffer in its tables, their lists of fields and the vectors that they point to, or anywhere. */
export const mutateFlatbuffer: Mutator = (bytes, dice) => {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const table = dice.chance(0.75) ? tableIn(view, dice) : undefined;
  if (table === undefined) return mutateBytes(bytes, dice);
  const entry = table.fields + 4 + 2 * dice.below(table.count);
  const place = table.at + view.getUint16(entry, true);
  if (place + 4 > copy.length) return mutateBytes(bytes, dice);
  const target = place + view.getUint32(place, true);
  const kind = dice.below(6);
  if (kind === 0) view.setUint16(entry, dice.pick([0, 4, 6, 8, 0xffff, dice.below(64)]), true);
  else if (kind === 1) view.setUint32(place, dice.below(copy.length), true);
  else if (kind === 2) view.setUint32(place, dice.pick(ODD), true);
  else if (kind === 3) view.setUint32(place, Math.max(0, (tableIn(view, dice)?.at ?? 0) - place), true);
  else if (target + 8 <= copy.length) {
    // A vector: its count, or one of its elements.
    if (kind === 4) view.setUint32(target, dice.pick([...ODD, view.getUint32(target, true) + 1]), true);
    else return change(copy, target + 4 * dice.below(8), dice);
  } else return change(copy, place, dice);
  return copy;
};

/** A place that looks like a table: it points to a list of fields that fits. */
function tableIn(view: DataView, dice: Dice): Table | undefined {
  for (let look = 0; look < LOOKS; look++) {
    const at = 4 * dice.below((view.byteLength - 4) >> 2);
    const fields = at - view.getInt32(at, true);
    if (fields < 0 || fields + 4 > view.byteLength || fields === at) continue;
    const [list, size] = [view.getUint16(fields, true), view.getUint16(fields + 2, true)];
    const fits = list > 4 && list % 2 === 0 && list <= MOST_FIELDS && size >= 4 && size <= MOST_BYTES;
    if (fits && fields + list <= view.byteLength) return { at, fields, count: (list - 4) / 2 };
  }
  return undefined;
}
