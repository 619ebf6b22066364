import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { splitShare } from '../../../converter/train/split.ts';
import { type LabelledPicture, listClassFolders } from '../model/class-folders.ts';
import { type Classes, listClasses } from './list-classes.ts';

/** Where pictures to judge by come from: class folders of their own, or a share of the others in (0, 1). */
export type Validation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'share'; readonly share: number };

export type Parts = {
  readonly training: Classes;
  /** Empty where nothing is judged. */
  readonly validation: readonly LabelledPicture[];
};

/** The pictures to learn from and those to judge by. Errors are those of listClasses and listClassFolders. */
export async function listParts(folder: string, validation: Validation | undefined, seed: number): Promise<Parts> {
  const all = await listClasses(folder);
  switch (validation?.kind) {
    case undefined:
      return { training: all, validation: [] };
    case 'folder':
      return { training: all, validation: (await listClassFolders(validation.path, all, undefined)).pictures };
    case 'share': {
      const { pictures, labels } = all;
      const indices = pictures.map(({ index }) => index);
      const { kept, apart } = splitShare(indices, validation.share, seed);
      const pick = (places: readonly number[]): readonly LabelledPicture[] => places.map((i) => pictures[i]!);
      return { training: { labels, pictures: pick(kept) }, validation: pick(apart) };
    }
  }
}

/** How many pictures, and a digest of their paths in the folder, their classes and their sizes. */
export function pictureIdentity(
  folder: string,
  pictures: readonly LabelledPicture[],
): { readonly count: number; readonly sha256: string } {
  const hash = createHash('sha256');
  for (const { path, index } of pictures) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    hash.update(`${JSON.stringify([relative(folder, path), index, size])}\n`);
  }
  return { count: pictures.length, sha256: hash.digest('hex') };
}
