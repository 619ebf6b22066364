import type { Graph } from '../../../converter/graph/graph.ts';
import type { EpochRecord } from '../../../converter/train/recipe.ts';
import type { Schedule } from '../../../converter/train/schedule.ts';
import type { SgdOptions, SgdState } from '../../../converter/train/sgd.ts';

/** What one step learns from. */
export type Batch = {
  /** Float32 [batch, 3, size, size]. */
  readonly input: Float32Array;
  /** Float32 [batch, classes], as targetRows makes them; a step's loss is a sum over its rows. */
  readonly targets: Float32Array;
  /** [batch]; answers are compared with them. */
  readonly labels: ArrayLike<number>;
};

/** Where batches come from: the same one for the same place. */
export type BatchSource = {
  /** Pictures of every batch. */
  readonly batch: number;
  /** Batches of an epoch. */
  readonly steps: number;
  /** `epoch` and `step` count from 0. It is asked for a batch while the one before it is learnt from. */
  readonly take: (epoch: number, step: number) => Promise<Batch>;
};

/** How far a training has come: what it changes, in place. */
export type TrainingState = {
  /** Everything trainable and, where norms are live, running statistics, under their names. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly momentum: SgdState;
  /** Of the whole epochs done. */
  readonly records: readonly EpochRecord[];
};

export type GraphTraining = {
  readonly graph: Graph;
  /** Names of float32 constants that learn. */
  readonly trainable: ReadonlySet<string>;
  readonly norms: 'live' | 'frozen';
  readonly source: BatchSource;
  readonly epochs: number;
  readonly schedule: Schedule;
  /** With `scale`, parameters learn at rates of their own. What decays is told by its dimensions unless `decays` is given. */
  readonly sgd: Omit<SgdOptions, 'learningRate' | 'decays'> & Partial<Pick<SgdOptions, 'decays'>>;
  /**
   * Pictures of one run, a divisor of the source's batch; gradients add up until the batch is whole, so that memory is bounded and the step
   * the same. Live norms take their statistics over one run. Default: the batch.
   */
  readonly microBatch?: number;
  /** 0, the default: all. */
  readonly threads?: number;
  /** As initialState gives it, or a checkpoint. */
  readonly state: TrainingState;
  readonly onStep?: (step: StepReport) => void;
  /**
   * Called after every whole epoch with its record and with the state, whose records are those before it, and which is changed again once
   * the promise settles. The record that it returns is kept instead.
   */
  readonly onEpoch?: (record: EpochRecord, state: TrainingState) => Promise<EpochRecord>;
  /** Ends the training after the step under way. */
  readonly signal?: AbortSignal;
};

/** Means over the steps of the epoch so far; `epoch` and `step` count from 1. */
export type StepReport = EpochRecord & { readonly step: number; readonly steps: number; readonly pictures: number };

/** How a training ended; except at the end, the step that it ended at, from 1. */
export type TrainingEnd =
  | { readonly kind: 'done'; readonly records: readonly EpochRecord[] }
  | {
      readonly kind: 'stopped';
      readonly records: readonly EpochRecord[];
      readonly epoch: number;
      readonly step: number;
    }
  /** The loss, or a weight, is no longer a number: the state is lost, what `onEpoch` kept of it is not. */
  | {
      readonly kind: 'diverged';
      readonly records: readonly EpochRecord[];
      readonly epoch: number;
      readonly step: number;
      readonly learningRate: number;
    };
