import type { Learn, Learnt } from '../../../converter/learn-quantized.ts';
import type { FakeQuantized } from '../../../converter/quantize/fake.ts';
import type { EpochRecord, Recipe } from '../../../converter/train/recipe.ts';
import { decaysByShape } from '../../../converter/train/sgd.ts';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { type LabelledPicture, listClassFolders } from '../model/class-folders.ts';
import type { Labels } from '../model/labels.ts';
import { pictureBatches } from './batches.ts';
import { type Kept, trainKeepingBest } from './keep-best.ts';
import { type LoadedPictures, loadPictures } from './load-pictures.ts';
import { initialState } from './train-graph.ts';
import type { StepReport } from './types.ts';

/** What a quantized network learns by where nothing else is stated; batches are cut to the pictures that there are. */
export const QUANTIZED_RECIPE: Recipe = {
  epochs: 2,
  batch: 128,
  schedule: { kind: 'cosine', peak: 0.002, warmUp: 0.05 },
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0,
  labelSmoothing: 0.05,
  augmentation: { shift: 4, flip: true },
  seed: 0,
};

/** A learning rate that was too high is divided by this. */
const LOWER = 3;

export type LearnQuantizedOptions = {
  /** A folder of class folders, each of them a class of the network. */
  readonly folder: string;
  /** Those of the folder that are learnt from; default: all. */
  readonly pictures?: readonly LabelledPicture[];
  readonly recipe: Recipe;
  /** 0 for all. */
  readonly threads: number;
  readonly onReading?: (done: number, total: number) => void;
  readonly onStep?: (step: StepReport) => void;
};

/** What is known once it has learnt. */
export type LearningLog = {
  readonly skipped: readonly string[];
  /** Pictures that were listed. */
  readonly listed: number;
  readonly records: readonly EpochRecord[];
  readonly warnings: readonly string[];
};

/** What is to be learnt, and what is known of it afterwards. */
export type FolderLearning = { readonly learn: Learn; readonly log: () => LearningLog };

/**
 * Learns on a folder of class folders what a fake quantized network is asked for: the pictures are the bytes that the network takes, its
 * targets the labels. Where the loss is no number any more, what the whole epochs before that learnt is kept, with a warning. Throws `input`
 * for folders that are no classes, for pictures that cannot be read and where no epoch was good.
 */
export async function learnOnFolder(
  classes: Labels,
  preprocessing: Preprocessing,
  options: LearnQuantizedOptions,
): Promise<FolderLearning> {
  const { folder } = options;
  // Before anything is computed, a folder that is none of the network's classes is refused.
  const pictures = options.pictures ?? (await listClassFolders(folder, classes, undefined)).pictures;
  let log: LearningLog = { skipped: [], listed: pictures.length, records: [], warnings: [] };
  const learn: Learn = async (fake) => {
    const onPicture = (done: number): void => options.onReading?.(done, pictures.length);
    const loaded = await loadPictures(pictures, preprocessing, { onPicture });
    const { skipped } = loaded;
    log = { ...log, skipped };
    if (loaded.pictures.length === 0) {
      throw new ResedgeError('input', `${folder}: expected readable pictures to learn from: ${skipped[0] ?? 'none'}`);
    }
    const kept = await learnFrom(fake, loaded, classes.labels.length, asBytes(preprocessing), options);
    log = { ...log, records: kept.records, warnings: warningsOf(kept, options) };
    return learntOf(kept, loaded.pictures.length, options.recipe);
  };
  return { learn, log: () => log };
}

/** What leaves pixels as they are, for a network that normalises them itself. */
function asBytes(preprocessing: Preprocessing): Preprocessing {
  return { ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1], scale: 1, channels: 'rgb', layout: 'nhwc' };
}

async function learnFrom(
  { graph, trainable, rates }: FakeQuantized,
  loaded: LoadedPictures,
  classes: number,
  preprocessing: Preprocessing,
  { recipe, threads, onStep }: LearnQuantizedOptions,
): Promise<Kept> {
  const network = { graph, trainable, norms: 'frozen' } as const;
  return await trainKeepingBest({
    ...network,
    threads,
    source: pictureBatches(loaded, classes, preprocessing, recipe),
    ...{ epochs: recipe.epochs, schedule: recipe.schedule, state: initialState(graph, network) },
    sgd: {
      ...recipe,
      decays: (name) => decaysByShape(graph.constants.get(name)?.dims ?? []),
      scale: (name) => rates.get(name) ?? 1,
    },
    ...(onStep ? { onStep } : {}),
  });
}

/** Throws `input` where the first epoch was not good. */
function warningsOf({ end }: Kept, { folder, recipe }: LearnQuantizedOptions): readonly string[] {
  if (end.kind !== 'diverged') return [];
  const lower = Number((recipe.schedule.peak / LOWER).toPrecision(1));
  const where = `${folder}: the loss became NaN in step ${end.step} of epoch ${end.epoch}`;
  if (end.records.length === 0) {
    throw new ResedgeError('input', `${where}: no model was written; give a lower --lr, as ${lower}`);
  }
  return [`${where}: stopped, what was learnt before that epoch was kept; a lower --lr helps, as ${lower}`];
}

function learntOf({ weights, epoch }: Kept, pictures: number, { schedule, seed }: Recipe): Learnt {
  return { weights, how: { epochs: epoch, pictures, learningRate: schedule.peak, seed } };
}
