import { resolve } from 'node:path';
import type { Budget } from '../../../converter/budget/budget.ts';
import { placeOfHeldBack } from '../../../converter/calibrate.ts';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { toInput } from '../../image/to-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { PictureLog } from './calibration.ts';
import { type LabelledPicture, listClassFolders } from './class-folders.ts';
import type { Labels } from './labels.ts';
import { decodeAll } from './pictures.ts';

/** The pictures that a conversion is judged on. */
export type JudgedPictures = {
  /** Absent: those that calibration holds back. */
  readonly inputs?: AsyncIterable<Tensor>;
  /** Pictures given beside those of calibration. */
  readonly count: number;
  /** Messages of those that could not be read. */
  readonly skipped: readonly string[];
  /** The class of a judged picture, by its place; asked once all have been read. */
  readonly classOf?: (place: number) => number;
  /** Its file. */
  readonly pathOf: (place: number) => string | undefined;
  /** What a user should know of how folders were matched. */
  readonly note?: string;
};

export type JudgedSource = {
  /** A folder of class folders. */
  readonly validate?: string;
  readonly calibrate: string;
  /** Pictures to take of `validate`, the same number from every class. */
  readonly samples: number;
  /** With a drop of top-1, what the pictures show has to be known. */
  readonly budget?: Budget;
};

/**
 * Pictures of `validate` or, without it, those that calibration will hold back, whose paths stand in `log`. Throws `input` where
 * folders match no class, or where nothing says what the pictures show though that is wanted.
 */
export async function openJudged(
  { validate, calibrate, samples, budget }: JudgedSource,
  labels: Labels,
  preprocessing: Preprocessing,
  log: PictureLog,
): Promise<JudgedPictures> {
  if (validate !== undefined) return await openValidation(validate, samples, labels, preprocessing);
  const pathOf = (place: number): string | undefined => log.used[placeOfHeldBack(place)];
  if (budget?.drop === undefined) return { count: 0, skipped: [], pathOf };
  const { pictures, note } = await classFoldersOf(calibrate, labels);
  const classes = new Map(pictures.map(({ path, index }) => [resolve(path), index]));
  const classOf = (place: number): number => {
    const path = pathOf(place) ?? calibrate;
    const index = classes.get(resolve(path));
    if (index !== undefined) return index;
    throw new ResedgeError('input', `${path}: expected every picture in a class folder of ${calibrate} for --max-drop`);
  };
  return { count: 0, skipped: [], pathOf, classOf, ...(note === undefined ? {} : { note }) };
}

async function classFoldersOf(calibrate: string, labels: Labels) {
  try {
    return await listClassFolders(calibrate, labels, undefined);
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    throw new ResedgeError(
      error.code,
      `--max-drop needs labelled pictures, in class folders of --calibrate or --validate: ${error.message}`,
      { cause: error },
    );
  }
}

async function openValidation(
  folder: string,
  samples: number,
  labels: Labels,
  preprocessing: Preprocessing,
): Promise<JudgedPictures> {
  const { pictures, note } = await listClassFolders(folder, labels, samples);
  const read: LabelledPicture[] = [];
  const skipped: string[] = [];
  async function* inputs(): AsyncGenerator<Tensor> {
    for await (const decoded of decodeAll(pictures, ({ path }) => path, preprocessing)) {
      if (decoded.kind === 'pixels') {
        read.push(decoded.item);
        yield toInput(decoded.pixels, preprocessing);
      } else skipped.push(decoded.message);
    }
    if (read.length === 0) {
      throw new ResedgeError(
        'input',
        `${folder}: expected a readable picture, all ${pictures.length} failed: ${skipped[0]}`,
      );
    }
  }
  return {
    inputs: inputs(),
    count: pictures.length,
    skipped,
    classOf: (place) => read[place]?.index ?? -1,
    pathOf: (place) => read[place]?.path,
    ...(note === undefined ? {} : { note }),
  };
}
