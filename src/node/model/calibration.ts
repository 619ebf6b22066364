import { statSync } from 'node:fs';
import type { Calibration } from '../../../converter/calibrate.ts';
import { parseTable, preparedAs } from '../../../converter/quantize/table.ts';
import { ResedgeError } from '../../errors.ts';
import { toInput } from '../../image/to-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { readText } from '../files.ts';
import { listPictures } from '../image/list.ts';
import { about } from './about.ts';
import { decodeAll } from './pictures.ts';
import { sample } from './sample.ts';
import type { Variety } from './variety.ts';

const WANTED = 'a folder of pictures or a calibration table';

/** In place of a path: calibrate from batch norm alone. */
const NO_PICTURES = 'none';

export type CalibrationSource = {
  /** A folder of pictures, a table that was saved of the same weights, or `none`. */
  readonly path: string;
  /** Pictures to take of a folder, drawn with `seed`. */
  readonly samples: number;
  readonly seed: number;
};

/** What became of the pictures, filled in as they are read. */
export type PictureLog = {
  /** Paths of those that were used, in order. */
  readonly used: string[];
  /** Messages of those that could not be read. */
  readonly skipped: string[];
  readonly variety?: Variety;
};

/**
 * Opens what INT8 is calibrated with; pictures are noted in `log` as they are read, unreadable ones left out.
 * Throws `io` or `input` naming the path, also where a table belongs to other weights than those of this SHA-256 or to another
 * preprocessing.
 */
export async function openCalibration(
  { path, samples, seed }: CalibrationSource,
  preprocessing: Preprocessing,
  sha256: string,
  log: PictureLog,
): Promise<Calibration> {
  if (path === NO_PICTURES) return { kind: 'none' };
  if (isFile(path)) return openTable(path, sha256, preprocessing);
  const found = await listPictures([path]);
  if (found.length === 0) {
    throw new ResedgeError('input', `${path}: expected calibration pictures (JPEG, PNG, WebP, ...), found none`);
  }
  const chosen = sample(found, samples, seed);
  return { kind: 'pictures', inputs: inputsOf(path, chosen, preprocessing, log), count: chosen.length };
}

function openTable(path: string, sha256: string, preprocessing: Preprocessing): Calibration {
  const text = readText(path, WANTED);
  if (!text.trimStart().startsWith('{')) {
    throw new ResedgeError('input', `${path}: expected ${WANTED} (JSON of --save-table), found a file of another kind`);
  }
  const table = about(path, () => parseTable(text));
  if (table.sha256 !== sha256) {
    throw new ResedgeError(
      'input',
      `${path}: expected a calibration table of these weights (SHA-256 ${sha256.slice(0, 12)}...), it was made from others (${table.sha256.slice(0, 12)}...)`,
    );
  }
  const prepared = preparedAs(preprocessing);
  if (table.prepared !== prepared) {
    throw new ResedgeError(
      'input',
      `${path}: expected a calibration table of pictures at ${prepared}; it was made at ${table.prepared}: convert with these, or make a new table with --save-table`,
    );
  }
  return { kind: 'table', statistics: table.statistics };
}

async function* inputsOf(
  folder: string,
  paths: readonly string[],
  preprocessing: Preprocessing,
  { used, skipped, variety }: PictureLog,
): AsyncGenerator<Tensor> {
  for await (const decoded of decodeAll(paths, (path) => path, preprocessing)) {
    if (decoded.kind === 'pixels') {
      used.push(decoded.item);
      variety?.add(decoded.pixels);
      yield toInput(decoded.pixels, preprocessing);
    } else skipped.push(decoded.message);
  }
  if (skipped.length === paths.length) {
    throw new ResedgeError(
      'input',
      `${folder}: expected a readable picture, all ${paths.length} failed: ${skipped[0]}`,
    );
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there: the search for pictures says so.
    return false;
  }
}
