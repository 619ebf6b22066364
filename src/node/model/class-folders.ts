import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';
import { listPictures } from '../image/list.ts';
import { isNumbered } from './labels.ts';
import { sample } from './sample.ts';

export type LabelledPicture = { readonly path: string; readonly index: number };

export type ClassFolders = {
  readonly pictures: readonly LabelledPicture[];
  /** What a user should know of how folders were matched. */
  readonly note: string | undefined;
};

const SEED = 0;

/**
 * Pictures in a folder of class folders, each folder matched to a class by label, by WordNet id or by index. `limit` bounds the
 * total, the same number from every class, seeded. For a model without labels of its own, as many folders as classes stand in
 * alphabetical order, as torchvision's ImageFolder numbers them. Throws `input` naming folders that match no class.
 */
export async function listClassFolders(
  folder: string,
  classes: { readonly labels: readonly string[]; readonly labelIds?: readonly string[] },
  limit: number | undefined,
): Promise<ClassFolders> {
  const names = subfolders(folder);
  if (names.length === 0) {
    throw new ResedgeError('input', `${folder}: expected folders named for the classes, found none`);
  }
  const matched = matcher(classes);
  const ordered =
    isNumbered(classes.labels) &&
    names.length === classes.labels.length &&
    names.every((name) => matched(name) === undefined);
  const indexOf = ordered ? (name: string) => names.indexOf(name) : matched;
  const unknown = names.filter((name) => indexOf(name) === undefined);
  if (unknown.length > 0) {
    const known = classes.labels.slice(0, 3).join(', ');
    throw new ResedgeError(
      'input',
      `${join(folder, unknown[0]!)}: expected a folder named for a class by label, WordNet id or index (${known}, ...); ${unknown.length} of ${names.length} folders match none`,
    );
  }
  // Fewer pictures than classes are of as many classes.
  const taken = limit === undefined || limit >= names.length ? names : sample(names, limit, SEED);
  const perClass = limit === undefined ? Number.POSITIVE_INFINITY : Math.floor(limit / taken.length);
  const pictures: LabelledPicture[] = [];
  for (const name of taken) {
    const paths = await listPictures([join(folder, name)]);
    for (const path of sample(paths, perClass, SEED)) pictures.push({ path, index: indexOf(name)! });
  }
  if (pictures.length === 0)
    throw new ResedgeError('input', `${folder}: expected pictures in its class folders, found none`);
  const first = names[0] ?? '';
  const note = ordered
    ? `the model has no labels: its classes are taken to be the folders in alphabetical order (0 is ${first}); convert with --labels to be sure`
    : undefined;
  return { pictures, note };
}

/** Names of the folders in a folder, sorted, hidden ones left out. Throws `io` where it cannot be read. */
export function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory())
      .sort();
  } catch (cause) {
    throw new ResedgeError('io', `${folder}: expected a folder of class folders, ${reasonOf(cause)}`, { cause });
  }
}

function matcher({ labels, labelIds }: { readonly labels: readonly string[]; readonly labelIds?: readonly string[] }) {
  const byName = new Map<string, number>();
  for (const [index, label] of labels.entries()) {
    // ImageNet's labels list synonyms after commas; folders often bear the first.
    for (const name of [label, label.split(',')[0]!]) {
      const key = comparable(name);
      if (!byName.has(key)) byName.set(key, index);
    }
  }
  for (const [index, id] of labelIds?.entries() ?? []) byName.set(comparable(id), index);
  return (folder: string): number | undefined => {
    const found = byName.get(comparable(folder));
    if (found !== undefined) return found;
    const index = /^\d+$/.test(folder) ? Number(folder) : -1;
    return index >= 0 && index < labels.length ? index : undefined;
  };
}

/** Case, blanks, hyphens and underscores do not tell classes apart. */
export function comparable(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
}
