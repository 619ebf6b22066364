import type { PictureAnswer, ValidatedHead } from '../../../converter/train/head-folds.ts';
import type { Threshold } from '../../../converter/train/head-judge.ts';
import type { HeadRecipe } from '../../../converter/train/head-recipe.ts';
import type { Depth } from '../../../converter/train/stages.ts';
import type { QuantizeAware } from '../../onnx/quantize-aware.ts';
import type { OpenModelOptions } from '../model/open-model.ts';
import type { BaseModel } from './base-model.ts';
import type { Example } from './example.ts';
import type { Verified } from './teach.ts';

export type LearnStage = 'features' | 'head' | 'verify';

/** What learning and growing have in common. */
export type TeachOptions = {
  readonly model: string;
  readonly output: string;
  readonly recipe: HeadRecipe;
  /** Variants of each picture. */
  readonly augment: number;
  readonly report?: string;
  readonly open: OpenModelOptions;
  readonly onProgress?: (stage: LearnStage, done: number, total: number) => void;
  readonly signal?: AbortSignal;
};

/** What came of it. */
export type Taught = {
  readonly base: BaseModel;
  readonly labels: readonly string[];
  /** Pictures of each class that the model has learnt from, now and before. */
  readonly pictures: readonly number[];
  readonly validated: ValidatedHead;
  readonly accuracy: number;
  /** Counts [classes, classes]: rows are true classes, columns answers. */
  readonly confusion: Uint32Array;
  readonly threshold: Threshold;
  /** Variants of each picture that the head was trained on: none where they did not help. */
  readonly variants: number;
  readonly verified: Verified;
  readonly recipe: string;
  /** Of the file, and of the remembered features in it; 0 where the classes are too many. */
  readonly bytes: number;
  readonly memoryBytes: number;
  readonly skipped: readonly string[];
  /** Pictures that were listed, and those whose features were kept from an earlier time. */
  readonly listed: number;
  readonly cached: number;
  readonly provider: string;
  readonly warnings: readonly string[];
  /** A wrong answer and the picture that it was given on, the surest first. */
  readonly worst: readonly (PictureAnswer & { readonly example: Example })[];
  readonly grown?: Grown;
  readonly tuned?: Tuned;
  readonly ms: number;
};

/** How far the network itself was tuned, and what that gained on the pictures kept apart, both in float. */
export type Tuned = {
  readonly depth: Depth;
  readonly head: 'new' | 'kept';
  /** Values that were tuned. */
  readonly parameters: number;
  /** The epoch that was kept, 0 for the network before it, and how many there were. */
  readonly epochs: number;
  readonly of: number;
  /** Pictures of a step, and of them those that ran at a time. */
  readonly batch: number;
  readonly microBatch: number;
  readonly before: number;
  readonly after: number;
  readonly judged: number;
  readonly quantizeAware?: QuantizeAware;
};

/** A class that was added or extended, and what that did to the others, both on remembered pictures. */
export type Grown = {
  readonly label: string;
  readonly extended: boolean;
  /** Pictures that it was shown. */
  readonly pictures: number;
  readonly others: { readonly before: number; readonly after: number; readonly pictures: number };
};
