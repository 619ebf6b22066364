import type { EpochRecord } from '../../../converter/train/recipe.ts';
import { trainGraph } from './train-graph.ts';
import type { GraphTraining, TrainingEnd } from './types.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** How a network did; the less `loss` the better. */
export type Score = { readonly accuracy: number; readonly loss: number };

export type Keeping = {
  /** Default: a later epoch is a better one. */
  readonly judge?: (weights: Weights) => Promise<Score>;
  /** A later epoch is as good as the best one while its loss is no more than so much above; default: 0. */
  readonly slack?: number;
  /** An epoch that names fewer right than the beginning is not kept, however small its loss is; default: it may be. */
  readonly noFewerRight?: boolean;
  /** Epochs without a better loss after which the training ends; default: it does not. */
  readonly patience?: number;
};

export type Kept = {
  /** Those of the best epoch, counted from 1; of 0, the beginning, where none was good. */
  readonly weights: Weights;
  readonly epoch: number;
  /** The score of the beginning, and of every epoch, where there is a judge. */
  readonly scores: readonly Score[];
  readonly records: readonly EpochRecord[];
  /** `early`: nothing got better any more. `diverged`: the loss was no number any more after the records. */
  readonly ended: 'whole' | 'early' | 'stopped' | 'diverged';
  readonly end: TrainingEnd;
};

/** Trains a graph from the state given, and keeps the best weights on the way, those of the beginning among them. */
export async function trainKeepingBest(
  training: GraphTraining,
  { judge, slack = 0, noFewerRight = false, patience }: Keeping = {},
): Promise<Kept> {
  const { state } = training;
  const enough = new AbortController();
  const signal = training.signal ? AbortSignal.any([training.signal, enough.signal]) : enough.signal;
  const first = await judge?.(state.weights);
  const scores: Score[] = first ? [first] : [];
  let best = { weights: copyOf(state.weights), epoch: 0, loss: first?.loss ?? Number.POSITIVE_INFINITY };
  const end = await trainGraph({
    ...training,
    signal,
    onEpoch: async (record, reached) => {
      const score = await judge?.(reached.weights);
      if (score) scores.push(score);
      const kept = score ? { ...record, validation: score.accuracy } : record;
      const fewer = noFewerRight && score && first && score.accuracy < first.accuracy;
      if (score === undefined || (score.loss <= best.loss + slack && !fewer)) {
        best = { weights: copyOf(reached.weights), epoch: record.epoch, loss: score?.loss ?? record.loss };
      } else if (patience !== undefined && record.epoch - best.epoch >= patience) enough.abort();
      return (await training.onEpoch?.(kept, reached)) ?? kept;
    },
  });
  const { records } = end;
  const ended = end.kind === 'done' ? 'whole' : end.kind === 'stopped' && enough.signal.aborted ? 'early' : end.kind;
  return { weights: best.weights, epoch: best.epoch, scores, records, ended, end };
}

function copyOf(weights: Weights): Weights {
  return new Map([...weights].map(([name, data]) => [name, Float32Array.from(data)]));
}
