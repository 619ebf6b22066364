import type { Learn, Learnt } from '../../../converter/learn-quantized.ts';
import type { FakeQuantized } from '../../../converter/quantize/fake.ts';
import type { EpochRecord, Recipe } from '../../../converter/train/recipe.ts';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { type LabelledPicture, listClassFolders } from '../model/class-folders.ts';
import type { Labels } from '../model/labels.ts';
import { sample } from '../model/sample.ts';
import { pictureBatches } from './batches.ts';
import { type Kept, trainKeepingBest } from './keep-best.ts';
import { type LoadedPictures, loadPictures } from './load-pictures.ts';
import { measureAccuracy } from './measure-accuracy.ts';
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

/** Pictures that the beginning and every epoch are judged on, of those that are learnt from. */
const JUDGED = 512;
/** Share of them by which a later epoch may be worse by chance. */
const CHANCE = 0.02;

/** What is known once it has learnt. */
export type LearningLog = {
  readonly skipped: readonly string[];
  /** Pictures that were listed. */
  readonly listed: number;
  readonly records: readonly EpochRecord[];
  /** Shares of right answers on pictures that are learnt from, before and after. */
  readonly right: readonly [before: number, after: number];
  readonly warnings: readonly string[];
};

/** What is to be learnt, and what is known of it afterwards. */
export type FolderLearning = {
  readonly learn: Learn;
  readonly log: () => LearningLog;
  /** What a user should know of how folders were matched. */
  readonly note: string | undefined;
};

/**
 * Learns on a folder of class folders what a fake quantized network is asked for: the pictures are the bytes that the
 * network takes, its targets the labels. What makes it worse, or the loss no number any more, is left out, with a
 * warning. Throws `input` for folders that are no classes and where no picture can be read.
 */
export async function learnOnFolder(
  classes: Labels,
  preprocessing: Preprocessing,
  options: LearnQuantizedOptions,
): Promise<FolderLearning> {
  const { folder } = options;
  // Before anything is computed, a folder that is none of the network's classes is refused.
  const { pictures, note } = options.pictures
    ? { pictures: options.pictures, note: undefined }
    : await listClassFolders(folder, classes, undefined);
  let log: LearningLog = { skipped: [], listed: pictures.length, records: [], right: [0, 0], warnings: [] };
  const learn: Learn = async (fake) => {
    const onPicture = (done: number): void => options.onReading?.(done, pictures.length);
    const loaded = await loadPictures(pictures, preprocessing, { onPicture });
    const { skipped } = loaded;
    log = { ...log, skipped };
    if (loaded.pictures.length === 0) {
      throw new ResedgeError('input', `${folder}: expected readable pictures to learn from: ${skipped[0] ?? 'none'}`);
    }
    const kept = await learnFrom(fake, loaded, classes.labels.length, asBytes(preprocessing), options);
    const [before, after] = [kept.scores[0]?.accuracy ?? 0, kept.scores[kept.epoch]?.accuracy ?? 0];
    log = { ...log, records: kept.records, right: [before, after], warnings: warningsOf(kept, options) };
    return learntOf(kept, loaded.pictures.length, options.recipe);
  };
  return { learn, log: () => log, note };
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
  const judged = someOf(loaded, recipe.seed);
  const judge = async (weights: ReadonlyMap<string, Float32Array>) => {
    const accuracy = await measureAccuracy(graph, weights, judged, preprocessing);
    return { accuracy, loss: 1 - accuracy };
  };
  return await trainKeepingBest(
    {
      ...network,
      threads,
      source: pictureBatches(loaded, classes, preprocessing, recipe),
      ...{ epochs: recipe.epochs, schedule: recipe.schedule, state: initialState(graph, network) },
      sgd: {
        ...recipe,
        scale: (name) => rates.get(name) ?? 1,
      },
      ...(onStep ? { onStep } : {}),
    },
    { judge, slack: CHANCE },
  );
}

function someOf({ pictures, pixels, skipped }: LoadedPictures, seed: number): LoadedPictures {
  const places = sample(
    pictures.map((_, i) => i),
    JUDGED,
    seed,
  );
  return { pictures: places.map((i) => pictures[i]!), pixels: (i) => pixels(places[i]!), skipped };
}

/** Why not everything that was learnt is kept, one line. */
function warningsOf({ end, epoch, records }: Kept, { folder, recipe }: LearnQuantizedOptions): readonly string[] {
  const lower = Number((recipe.schedule.peak / LOWER).toPrecision(1));
  const what = epoch === 0 ? 'the weights stay as they were' : `what was learnt up to epoch ${epoch} was kept`;
  const mend = `${what}; a lower --lr helps, as ${lower}`;
  if (end.kind === 'diverged') {
    return [`${folder}: the loss became NaN in step ${end.step} of epoch ${end.epoch}: stopped, ${mend}`];
  }
  return epoch < records.length ? [`${folder}: learning on made it worse: ${mend}`] : [];
}

function learntOf({ weights, epoch }: Kept, pictures: number, { schedule, seed }: Recipe): Learnt {
  const how = epoch === 0 ? undefined : { epochs: epoch, pictures, learningRate: schedule.peak, seed };
  return { weights, how };
}
