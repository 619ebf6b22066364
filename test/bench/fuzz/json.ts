import { parseJson } from '../../../converter/json.ts';
import { mutateBytes } from './bytes.ts';
import type { Dice, Mutator } from './dice.ts';

/** What comes in the place of a part of a JSON text. */
const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    -1,
    0,
    0.5,
    1,
    3,
    255,
    1e9,
    2 ** 31,
    2 ** 53,
    1e308,
    -1e9,
    '',
    '-1',
    '7',
    '\n\u2028',
    '^',
    ':1',
  ],
  ...['__proto__', 'constructor', '../../x', 'x'.repeat(5000), 'same', 'valid', 'float32', 'F32', 'U0FNRQ=='],
  ...[[], {}, [0], [-1, 1e9], [1e6, 1e6, 1e6], [[]], [['a', 0, 0]], { s: 'VkFMSUQ=' }, { i: '99999' }],
  ...[Array(300).fill(1), { class_name: 'Lambda', config: {} }, { __proto__: 1 }],
];
/** Arrays in arrays, far more than a stack of calls may hold. */
const DEEP = 20_000;

type Place = { readonly owner: Record<string, unknown>; readonly key: string };

/** Damages a JSON text by its fields; one that is none is damaged by its bytes. */
export const mutateJson: Mutator = (bytes, dice) => {
  const text = mutateText(Buffer.from(bytes).toString('utf8'), dice);
  return text === undefined ? mutateBytes(bytes, dice) : new Uint8Array(Buffer.from(text));
};

/** The text with one of its values exchanged, left out, renamed or moved; undefined for no JSON. */
export function mutateText(text: string, dice: Dice): string | undefined {
  const root = parsed(text);
  const places = placesIn(root);
  if (places.length === 0) return undefined;
  const { owner, key } = dice.pick(places);
  const other = dice.pick(places);
  const kind = dice.below(8);
  if (kind < 3) owner[key] = dice.pick(ODD);
  else if (kind === 3) owner[key] = structuredClone(other.owner[other.key]);
  else if (kind === 4) delete owner[key];
  else if (kind === 5 && typeof owner[key] === 'number') owner[key] = owner[key] * dice.pick([-1, 2, 0.5, 1e6]);
  else if (kind === 5 && Array.isArray(owner)) owner.splice(Number(key), 0, structuredClone(owner[key]));
  else if (kind === 6) owner[other.key] = structuredClone(owner[key]);
  else if (typeof owner[key] === 'string') owner[key] = oddText(owner[key], dice);
  else owner[key] = [owner[key]];
  const written = JSON.stringify(root);
  return dice.chance(0.005) ? written.replace(/(?<=:)\d/, '['.repeat(DEEP) + ']'.repeat(DEEP)) : written;
}

function oddText(text: string, dice: Dice): string {
  const at = dice.below(text.length);
  return dice.pick([text.slice(0, at), text + text, `${text.slice(0, at)}\0${text.slice(at)}`, text.toUpperCase()]);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Every part of a value that could be another one. */
function placesIn(value: unknown): readonly Place[] {
  const places: Place[] = [];
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, part] of Object.entries(next)) {
      places.push({ owner: next as Record<string, unknown>, key });
      open.push(part ?? null);
    }
  }
  return places;
}
