import { splitShare } from '../../../converter/train/split.ts';
import { comparable, type LabelledPicture } from '../model/class-folders.ts';
import { type Classes, expectEnough, listClasses } from '../train/list-classes.ts';
import { type LoadedPictures, loadPictures } from '../train/load-pictures.ts';
import type { TunableBase } from './open-base.ts';

/** Share of every class's pictures that are judged by, at least one of each. */
const APART = 0.2;

/** Classes and their pictures, those to learn from and those to judge by. */
export type Lesson = {
  readonly labels: readonly string[];
  /** True where these are the network's own classes, whose head goes on learning. */
  readonly own: boolean;
  readonly learning: LoadedPictures;
  readonly judging: LoadedPictures;
  readonly skipped: readonly string[];
  readonly listed: number;
};

/** Lists and reads the pictures of class folders. Errors are those of listClasses. */
export async function readLesson(
  folder: string,
  { network, preprocessing }: TunableBase,
  seed: number,
  {
    held,
    onPicture,
    signal,
  }: {
    readonly held: number;
    readonly onPicture: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Lesson> {
  const { labels, pictures, own } = ownClasses(await listClasses(folder), network.labels);
  const labelled = pictures.map(({ index }) => index);
  const { kept, apart } = splitShare(labelled, APART, seed);
  const load = (places: readonly number[], from: number): Promise<LoadedPictures> => {
    const part: readonly LabelledPicture[] = places.map((i) => pictures[i]!);
    const counted = (done: number): void => onPicture(from + done, pictures.length);
    return loadPictures(part, preprocessing, { held, onPicture: counted, ...(signal ? { signal } : {}) });
  };
  const learning = await load(kept, 0);
  const judging = await load(apart, kept.length);
  const skipped = [...learning.skipped, ...judging.skipped];
  if (skipped.length > 0 && !signal?.aborted) {
    expectEnough(folder, { labels, pictures: [...learning.pictures, ...judging.pictures] }, 'readable');
  }
  return { labels, own, learning, judging, skipped, listed: pictures.length };
}

/** The classes under the network's own names and places, where they are the same ones. */
function ownClasses(found: Classes, known: readonly string[] | undefined): Classes & { readonly own: boolean } {
  const places = new Map(known?.map((label, index) => [comparable(label), index]));
  const moved = found.labels.map((label) => places.get(comparable(label)));
  if (known === undefined || found.labels.length !== known.length || moved.includes(undefined)) {
    return { ...found, own: false };
  }
  const pictures = found.pictures.map(({ path, index }) => ({ path, index: moved[index]! }));
  return { labels: known, pictures, own: true };
}
