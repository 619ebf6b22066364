import { type Architecture, defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { architectureOf } from '../../../converter/train/architecture.ts';
import type { Checkpoint, TrainingIdentity } from '../../../converter/train/checkpoint.ts';
import { initialWeights } from '../../../converter/train/initial.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { LabelledPicture } from '../model/class-folders.ts';
import { completePreprocessing } from '../model/preprocessing.ts';
import { readCheckpoint } from './checkpoint-file.ts';
import { type LoadedPictures, loadPictures } from './load-pictures.ts';
import { listParts, pictureIdentity } from './parts.ts';
import type { TrainFolderOptions } from './train-options.ts';

/** Everything that a training begins with: a new network, or one as its checkpoint has it, and its pictures. */
export type PreparedTraining = Checkpoint & {
  readonly architecture: Architecture;
  readonly identity: TrainingIdentity;
  readonly preprocessing: Preprocessing;
  /** Pictures to learn from, and those to judge by, of which there may be none. */
  readonly learning: LoadedPictures;
  readonly judging: LoadedPictures;
};

/**
 * Finds the pictures and the checkpoint, if one is to be gone on from, and reads the pictures. What can be refused without reading them
 * is refused first. Once the signal has come, what was read is not all there is.
 */
export async function prepareTraining(options: TrainFolderOptions): Promise<PreparedTraining> {
  const { recipe } = options;
  const { training, validation } = await listParts(options.data, options.validation, recipe.seed);
  const { labels } = training;
  const architecture = architectureOf(options.arch, labels.length);
  const inputSize = options.inputSize ?? defaultInputSize(architecture);
  const preprocessing = completePreprocessing({ input: 'float', inputSize }, { inputSize });
  const identity: TrainingIdentity = {
    ...{ architecture: architecture.name, labels, inputSize, recipe },
    pictures: pictureIdentity(options.data, training.pictures),
  };
  const checkpoint = readCheckpoint(options.checkpoint, architecture, identity, options.resume) ?? {
    weights: initialWeights(architecture, recipe.seed),
    momentum: new Map<string, Float32Array>(),
    records: [],
  };
  const [learning, judging] = await loadBoth([training.pictures, validation], preprocessing, options);
  return { ...checkpoint, architecture, identity, preprocessing, learning, judging };
}

/** Both parts, one after the other, counted as one. */
async function loadBoth(
  parts: readonly [readonly LabelledPicture[], readonly LabelledPicture[]],
  preprocessing: Preprocessing,
  { onReading, signal }: TrainFolderOptions,
): Promise<readonly [LoadedPictures, LoadedPictures]> {
  const [first, second] = parts;
  const total = first.length + second.length;
  const load = (part: readonly LabelledPicture[], from: number): Promise<LoadedPictures> =>
    loadPictures(part, preprocessing, {
      onPicture: (done) => onReading?.(from + done, total),
      ...(signal ? { signal } : {}),
    });
  return [await load(first, 0), await load(second, first.length)];
}
