import type { Augmentation } from './augment.ts';
import type { Schedule } from './schedule.ts';

/** How a network is trained: together with the pictures and the first weights it decides every bit of the result. */
export type Recipe = {
  readonly epochs: number;
  /** Pictures of one step. */
  readonly batch: number;
  readonly schedule: Schedule;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** On weights of convolutions and of the head alone. */
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
};

/** What one epoch came to. `loss` and `accuracy` are means over its steps, on the pictures as they were changed. */
export type EpochRecord = {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** The share of right answers on pictures kept apart. */
  readonly validation?: number;
};

/** Keep the draws for different ends of one seed apart. */
export const PLACES = { weights: 1, order: 2, batch: 3, picture: 4, split: 5 } as const;
