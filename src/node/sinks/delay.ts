import { mulberry32 } from '../../tensor/random.ts';

export type DelayOptions = { readonly firstMs: number; readonly mostMs: number; readonly seed: number };

/** Waits between tries: doubled each time up to `mostMs`, each scaled by a seeded factor in [0.5, 1) so that devices do not try in step. */
export type Delays = { readonly next: () => number; readonly reset: () => void };

export function delays({ firstMs, mostMs, seed }: DelayOptions): Delays {
  const random = mulberry32(seed);
  let ms = firstMs;
  return {
    next: () => {
      const now = ms;
      ms = Math.min(mostMs, ms * 2);
      return now * (0.5 + random() / 2);
    },
    reset: () => {
      ms = firstMs;
    },
  };
}
