import type { ConvertedFile } from '../model/converted-file.ts';
import type { Lesson } from './read-lesson.ts';
import type { TunedNetwork } from './tune-network.ts';
import type { FinetuneOptions } from './types.ts';

/** A rate that was too high is divided by this. */
const LOWER = 3;

/** The rate to try after one that was too high. */
export function lowerRate(peak: number): number {
  return Number((peak / LOWER).toPrecision(1));
}

/** How a model was tuned, in words, for its metadata. */
export function recipeText(
  { own }: Lesson,
  { kept, batch, microBatch }: TunedNetwork,
  { conversion }: ConvertedFile,
  { depth, recipe }: FinetuneOptions,
): string {
  const { schedule, momentum, nesterov, weightDecay, labelSmoothing } = recipe;
  const what = depth === 'all' ? 'all layers' : 'the last stage';
  const head = own ? 'its own head' : 'a new head trained first';
  const parts = microBatch === batch ? '' : ` in parts of ${microBatch}`;
  const aware = conversion.int8?.quantizeAware;
  return [
    `${what} tuned with ${head}`,
    `SGD, epoch ${kept.epoch} of ${kept.records.length} kept, batch ${batch}${parts}`,
    `${schedule.kind} from ${schedule.peak}`,
    `momentum ${momentum}${nesterov ? ' (Nesterov)' : ''}, weight decay ${weightDecay}, label smoothing ${labelSmoothing}`,
    'norms frozen',
    ...(aware ? [`${aware.epochs} more rounded as INT8 from ${aware.learningRate}`] : []),
  ].join(', ');
}
