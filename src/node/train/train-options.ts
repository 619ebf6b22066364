import type { Architecture } from '../../../converter/resnet/architecture.ts';
import type { Fit } from '../../../converter/train/checkpoint.ts';
import type { EpochRecord, Recipe } from '../../../converter/train/recipe.ts';
import type { Validation } from './parts.ts';
import type { StepReport } from './types.ts';

export type TrainFolderOptions = {
  /** A family of FAMILIES. */
  readonly arch: string;
  /** A folder of class folders. */
  readonly data: string;
  readonly output: string;
  readonly checkpoint: string;
  /** Which checkpoint is gone on from; undefined: none. */
  readonly resume: Fit | undefined;
  readonly recipe: Recipe;
  /** Default: the family's. */
  readonly inputSize?: number;
  readonly validation?: Validation;
  /** 0 for all. */
  readonly threads: number;
  readonly onReading?: (done: number, total: number) => void;
  readonly onBegin?: (beginning: Beginning) => void;
  readonly onStep?: (step: StepReport) => void;
  /** After the epoch's checkpoint is on the disk. */
  readonly onEpoch?: (record: EpochRecord) => void;
  readonly signal?: AbortSignal;
};

/** What is known before the first step. */
export type Beginning = {
  readonly architecture: Architecture;
  readonly labels: readonly string[];
  readonly parameters: number;
  readonly pictures: number;
  readonly validation: number;
  readonly skipped: readonly string[];
  /** Pictures that were found, those that could not be read among them. */
  readonly listed: number;
  /** Epochs of the checkpoint that is gone on from. */
  readonly records: readonly EpochRecord[];
};
