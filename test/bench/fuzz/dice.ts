import { mulberry32 } from '../../../src/tensor/random.ts';

/** Chance that is the same for the same seed. */
export type Dice = {
  /** A whole number from 0 to below `count`; 0 where there is none. */
  readonly below: (count: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly chance: (share: number) => boolean;
};

export function diceOf(seed: number): Dice {
  const random = mulberry32(seed);
  const below = (count: number): number => Math.floor(random() * count);
  return { below, pick: (choices) => choices[below(choices.length)]!, chance: (share) => random() < share };
}

/** Makes a damaged copy of a file; the original stays as it is. */
export type Mutator = (bytes: Uint8Array, dice: Dice) => Uint8Array;
