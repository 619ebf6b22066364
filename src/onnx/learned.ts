import { asRecord, asText, asWhole, parseJson, unexpected } from './check.ts';

/** What `resedge learn` knows of the classes that it taught a model. */
export type Learned = {
  /** SHA-256 of the model whose head was replaced, in lower-case hexadecimal. */
  readonly base: string;
  /** Pictures of each class, in the order of the labels. */
  readonly pictures: readonly number[];
  readonly seed: number;
  /** How the head was trained, in words. */
  readonly recipe: string;
  /** Share of the pictures that heads which had not seen them name right. */
  readonly accuracy: number;
  /** An answer of a lower probability is none of the classes. */
  readonly threshold: number;
};

const MAX_PICTURES = 2 ** 31;
const MAX_SEED = 2 ** 32 - 1;

/** As the JSON of a metadata entry; the same gives the same text. */
export function formatLearned({ base, pictures, seed, recipe, accuracy, threshold }: Learned): string {
  const ordered: Learned = { base, pictures, seed, recipe, accuracy, threshold };
  return JSON.stringify(ordered);
}

/** Reads what {@link formatLearned} wrote, for `classes` classes. Code `input`, naming the metadata entry `where`. */
export function parseLearned(where: string, text: string, classes: number): Learned {
  const json = asRecord(where, parseJson(where, text));
  const pictures = json['pictures'];
  if (!Array.isArray(pictures) || pictures.length !== classes) {
    throw unexpected(`${where}.pictures`, `${classes} numbers, one for each label`, pictures);
  }
  return {
    base: asText(`${where}.base`, json['base']),
    pictures: pictures.map((count: unknown) => asWhole(`${where}.pictures`, count, 0, MAX_PICTURES)),
    seed: asWhole(`${where}.seed`, json['seed'], 0, MAX_SEED),
    recipe: asText(`${where}.recipe`, json['recipe']),
    accuracy: asShare(`${where}.accuracy`, json['accuracy']),
    threshold: asShare(`${where}.threshold`, json['threshold']),
  };
}

function asShare(where: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw unexpected(where, 'a number from 0 to 1', value);
}
