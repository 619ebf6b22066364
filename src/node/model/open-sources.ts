import type { Calibration } from '../../../converter/calibrate.ts';
import type { Network } from '../../../converter/network.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { sha256Hex } from '../cache/digest.ts';
import { readBytes } from '../files.ts';
import { openTargetPictures, type TargetPictures } from '../targets/pictures.ts';
import type { FolderLearning } from '../train/learn-quantized.ts';
import { openCalibration, type PictureLog } from './calibration.ts';
import type { ConvertFileOptions } from './converted-file.ts';
import { type JudgedPictures, openJudged } from './judged.ts';
import { type Labels, numberedLabels, readLabels } from './labels.ts';
import { learningFrom } from './learning.ts';
import { openNetwork } from './open-network.ts';
import { completePreprocessing } from './preprocessing.ts';
import { sourceFiles } from './source-files.ts';
import { pictureVariety, type Variety } from './variety.ts';

type Pictures = Extract<Calibration, { readonly kind: 'pictures' }>;

/** What a conversion is made from: the network, and pictures that are read while it works. */
export type ConversionSources = {
  readonly network: Network;
  /** Of the source with every file that it names. */
  readonly bytes: number;
  readonly sha256: string;
  readonly preprocessing: Preprocessing;
  readonly labels: Labels;
  /** Of INT8. */
  readonly calibration?: Calibration;
  readonly judged?: JudgedPictures;
  readonly learning?: FolderLearning;
  /** That float16 and integers of the source's own are judged on. */
  readonly shown?: Pictures;
  /** For a target's own tool. */
  readonly handed?: TargetPictures;
  /** Filled in as pictures are read. */
  readonly log: PictureLog & { readonly variety: Variety };
  /** What a user should know, one line each. */
  readonly warnings: readonly string[];
};

/** Opens the weights and the pictures of a conversion. Throws what each of them throws, prefixed with its path. */
export async function openSources(options: ConvertFileOptions): Promise<ConversionSources> {
  const { weights, int8, target } = options;
  const file = readBytes(weights, 'a weights file');
  const digest = sha256Hex(file);
  const network = options.network ?? (await openNetwork(weights, file, digest, options.arch));
  const { bytes, sha256 } = sourceFiles(weights, file, digest);
  const preprocessing = completePreprocessing(options.preprocessing, network.preprocessing);
  const labels = labelsOf(options.labels, network);
  const log = { used: [], skipped: [], variety: pictureVariety() };

  const calibration = int8 && (await openCalibration({ path: int8.calibrate, ...int8 }, preprocessing, sha256, log));
  const judged = int8 && (await openJudged(int8, labels, preprocessing, log));
  const learning = await learningFrom(labels, preprocessing, options);
  const judgedFrom = options.fp16 ?? options.stored;
  const shown = judgedFrom && (await openShown(judgedFrom, preprocessing, sha256, log));
  const order = target?.calibrates === 'model' ? preprocessing.channels : 'rgb';
  const handed =
    options.targetPictures && (await openTargetPictures(options.targetPictures, preprocessing, order, log));
  const notes = new Set([judged?.note, learning?.note].filter((note) => note !== undefined));
  return {
    ...{ network, bytes, sha256, preprocessing, labels, log },
    ...(calibration ? { calibration } : {}),
    ...(judged ? { judged } : {}),
    ...(learning ? { learning } : {}),
    ...(shown ? { shown } : {}),
    ...(handed ? { handed } : {}),
    warnings: [...network.warnings.map((warning) => `${weights}: ${warning}`), ...notes],
  };
}

/** Float16 rounds every picture alike: more than this say nothing new. */
const MOST_SHOWN = 64;

/** The pictures that float16 is judged on; undefined where none were given. */
async function openShown(
  { calibrate, samples, seed }: NonNullable<ConvertFileOptions['fp16']>,
  preprocessing: Preprocessing,
  sha256: string,
  log: PictureLog,
): Promise<Pictures | undefined> {
  if (calibrate === undefined) return undefined;
  const source = { path: calibrate, samples: Math.min(samples, MOST_SHOWN), seed };
  const opened = await openCalibration(source, preprocessing, sha256, log);
  return opened.kind === 'pictures' ? opened : undefined;
}

/** The labels that are given, the source's own, or numbers. */
function labelsOf(given: ConvertFileOptions['labels'], { labels, labelIds, classes }: Network): Labels {
  if (typeof given === 'string') return readLabels(given, classes);
  if (given !== undefined) return { labels: given };
  if (labels === undefined) return numberedLabels(classes);
  return labelIds === undefined ? { labels } : { labels, labelIds };
}
