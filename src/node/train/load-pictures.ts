import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { readPicture } from '../image/read-picture.ts';
import type { LabelledPicture } from '../model/class-folders.ts';
import { decodeAll } from '../model/pictures.ts';

/** Most bytes of decoded pictures that are held between epochs; more are decoded again in each. */
export const MAX_HELD: number = 2 ** 30;

/** Pictures as a model sees them, uint8 RGB of its input size, that have all been read once. */
export type LoadedPictures = {
  readonly pictures: readonly LabelledPicture[];
  /** The RGB bytes of picture `i`. */
  readonly pixels: (i: number) => Uint8Array | Promise<Uint8Array>;
  /** One line for each that could not be read; it is left out of `pictures`. */
  readonly skipped: readonly string[];
};

/** Reads every picture once, and keeps what it decoded where all of it stays within `held` bytes. */
export async function loadPictures(
  listed: readonly LabelledPicture[],
  preprocessing: Preprocessing,
  {
    held = MAX_HELD,
    onPicture = () => undefined,
    signal,
  }: { readonly held?: number; readonly onPicture?: (done: number) => void; readonly signal?: AbortSignal } = {},
): Promise<LoadedPictures> {
  const length = preprocessing.inputSize ** 2 * 3;
  const kept = listed.length * length <= held ? new Uint8Array(listed.length * length) : undefined;
  const pictures: LabelledPicture[] = [];
  const skipped: string[] = [];
  let done = 0;
  for await (const decoded of decodeAll(listed, ({ path }) => path, preprocessing)) {
    if (signal?.aborted) break;
    if (decoded.kind === 'error') skipped.push(decoded.message);
    else {
      kept?.set(decoded.pixels.data, pictures.length * length);
      pictures.push(decoded.item);
    }
    onPicture(++done);
  }
  const read = async (i: number): Promise<Uint8Array> => (await readPicture(pathOf(pictures, i), preprocessing)).data;
  return {
    pictures,
    pixels: kept ? (i) => kept.subarray(i * length, (i + 1) * length) : read,
    skipped,
  };
}

function pathOf(pictures: readonly LabelledPicture[], i: number): string {
  const picture = pictures[i];
  if (picture === undefined)
    throw new ResedgeError('internal', `expected one of ${pictures.length} pictures, not ${i}`);
  return picture.path;
}
