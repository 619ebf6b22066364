import { trainedMetadata } from '../../../converter/resnet/trained-facts.ts';
import type { TrainingIdentity } from '../../../converter/train/checkpoint.ts';
import type { EpochRecord } from '../../../converter/train/recipe.ts';
import type { Tensors } from '../../../converter/train/tensors.ts';
import { type WritableTensor, writeSafetensors } from '../../../converter/weights/write-safetensors.ts';
import { METADATA_KEYS } from '../../onnx/metadata.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { packageProducer } from '../package.ts';
import { writeWhole } from '../write-whole.ts';

type Training = TrainingIdentity & {
  readonly preprocessing: Preprocessing;
  readonly records: readonly EpochRecord[];
};

/** How a file of trained weights came to be, as JSON. */
const TRAINING = 'resedge.training';

/** Writes trained weights whole or not at all, with what they are and how they came to be in the metadata. Returns the file's bytes. */
export function writeTrained(path: string, weights: Tensors, training: Training): number {
  const { architecture, labels, preprocessing, recipe, pictures, records } = training;
  const { name, version } = packageProducer();
  const metadata = new Map([
    ...trainedMetadata(labels, preprocessing),
    [METADATA_KEYS.arch, architecture],
    [METADATA_KEYS.tool, `${name} ${version}`],
    [TRAINING, JSON.stringify({ recipe, pictures, records })],
  ]);
  const steps = records.length * Math.max(1, Math.floor(pictures.count / recipe.batch));
  const tensors = new Map<string, WritableTensor>([...stepsOf(weights, steps), ...weights]);
  return writeWhole(path, writeSafetensors(tensors, metadata));
}

/** What PyTorch keeps beside the statistics of every norm; of the widest type, it comes first, so that all data are aligned. */
function* stepsOf(weights: Tensors, steps: number): Generator<readonly [string, WritableTensor]> {
  for (const name of weights.keys()) {
    const norm = /^(.*\.)running_var$/.exec(name)?.[1];
    if (norm !== undefined) {
      yield [`${norm}num_batches_tracked`, { dims: [], data: BigInt64Array.of(BigInt(steps)) }];
    }
  }
}
