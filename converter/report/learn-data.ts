import type { HeadEpoch } from '../train/head.ts';
import type { HeadAnswer, Threshold } from '../train/head-judge.ts';

/** A picture that was taken for something else. */
export type MistakenPicture = HeadAnswer & {
  readonly name: string;
  readonly side: number;
  /** A `data:` URI. */
  readonly source: string;
};

/** What a page about taught classes is made from. */
export type LearnReportData = {
  readonly arch: string;
  readonly precision: string;
  readonly labels: readonly string[];
  /** Pictures of each class. */
  readonly pictures: readonly number[];
  readonly judged: number;
  readonly accuracy: number;
  readonly threshold: Threshold;
  readonly folds: number;
  readonly curve: readonly HeadEpoch[];
  /** Epochs of what was kept; 0: as it was before the first. */
  readonly epochs: number;
  /** Counts [classes, classes]: rows are true classes, columns answers. */
  readonly confusion: ArrayLike<number>;
  readonly verified: { readonly sqnrDb: number; readonly agreement: number; readonly pictures: number };
  readonly bytes: { readonly base: number; readonly model: number; readonly memory: number };
  readonly worst: readonly MistakenPicture[];
  readonly grown?: {
    readonly label: string;
    readonly pictures: number;
    readonly others: { readonly before: number; readonly after: number; readonly pictures: number };
  };
  /** How far the network itself was tuned; default: its head alone is new. */
  readonly tuned?: {
    readonly depth: 'last-stage' | 'all';
    readonly head: 'new' | 'kept';
    readonly parameters: number;
    /** Shares of `judged` pictures kept apart, in float: before the tuning and after it. */
    readonly before: number;
    readonly after: number;
    readonly judged: number;
  };
  readonly recipe: string;
  readonly seed: number;
  readonly base: { readonly file: string; readonly sha256: string };
  readonly tool: string;
  readonly skipped: readonly string[];
  readonly warnings: readonly string[];
  readonly ms: number;
};
