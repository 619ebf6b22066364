import type { Schedule } from './schedule.ts';

/** How a head is trained. */
export type HeadRecipe = {
  readonly epochs: number;
  readonly batch: number;
  readonly schedule: Schedule;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Of the weights on standardised features. */
  readonly weightDecay: number;
  readonly smoothing: number;
  /** 1: every class has the same say, however many pictures it has; 0: every picture has; between them in between. */
  readonly balance: number;
  /** Epochs without a better validation loss after which the training ends. */
  readonly patience: number;
  readonly seed: number;
};

export const HEAD_RECIPE: HeadRecipe = {
  epochs: 30,
  batch: 32,
  schedule: { kind: 'cosine', peak: 0.02, warmUp: 0.05 },
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0.01,
  smoothing: 0,
  balance: 1,
  patience: 10,
  seed: 0,
};

/** In words, for people: `epochs` passes, and `variants` of each picture. */
export function describeRecipe(
  { batch, schedule, momentum, nesterov, weightDecay }: HeadRecipe,
  epochs: number,
  variants: number,
): string {
  const descent = `SGD, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, batch ${batch}, ${schedule.kind} from ${schedule.peak}`;
  const how = `momentum ${momentum}${nesterov ? ' (Nesterov)' : ''}, weight decay ${weightDecay}`;
  return `${descent}, ${how}, ${variants === 0 ? 'no variants' : `${variants} variants of each picture`}`;
}
