import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { listPictures } from '../image/list.ts';
import { comparable, type LabelledPicture, subfolders } from '../model/class-folders.ts';

/** Classes to be learnt: `index` of a picture counts labels. */
export type Classes = { readonly labels: readonly string[]; readonly pictures: readonly LabelledPicture[] };

/** A class of one picture can be learnt by heart and not judged. */
const LEAST_PICTURES = 2;

/**
 * Classes named by the folders in `folder`, sorted, with their pictures. Throws `input` where there are fewer than two classes, where two
 * names would be taken for one, and for a class of fewer than two pictures.
 */
export async function listClasses(folder: string): Promise<Classes> {
  const labels = subfolders(folder);
  const [only] = labels;
  if (only === undefined) {
    throw new ResedgeError('input', `${folder}: expected a folder for each class, named for it, found none`);
  }
  if (labels.length === 1) {
    throw new ResedgeError('input', `${folder}: expected at least two classes to tell apart, found one: ${only}`);
  }
  expectDistinct(folder, labels);
  const pictures: LabelledPicture[] = [];
  for (const [index, label] of labels.entries()) {
    for (const path of await listPictures([join(folder, label)])) pictures.push({ path, index });
  }
  expectEnough(folder, { labels, pictures }, 'found');
  return { labels, pictures };
}

function expectDistinct(folder: string, labels: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const label of labels) {
    const before = seen.get(comparable(label));
    if (before !== undefined) {
      throw new ResedgeError(
        'input',
        `${folder}: expected class names that differ by more than case, blanks, hyphens and underscores, found ${before} and ${label}: rename or join the two folders`,
      );
    }
    seen.set(comparable(label), label);
  }
}

/** Throws `input` for a class of too few pictures, of those that were found or of those that could be read. */
export function expectEnough(folder: string, { labels, pictures }: Classes, how: 'found' | 'readable'): void {
  const counts = countsOf(labels.length, pictures);
  const poor = counts.findIndex((count) => count < LEAST_PICTURES);
  if (poor < 0) return;
  throw new ResedgeError(
    'input',
    `${join(folder, labels[poor] ?? '')}: expected at least ${LEAST_PICTURES}${how === 'readable' ? ' readable' : ''} pictures of every class, found ${counts[poor]}`,
  );
}

/** Pictures of each class. */
export function countsOf(classes: number, pictures: readonly Pick<LabelledPicture, 'index'>[]): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { index } of pictures) counts[index]! += 1;
  return counts;
}
