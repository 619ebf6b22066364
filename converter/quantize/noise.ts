import type { Histogram } from './histogram.ts';
import type { ValueStatistics } from './statistics.ts';

/** Expected squared error of one element, by its cause. */
export type Noise = { readonly rounding: number; readonly clipping: number };

/**
 * Expected squared error of a value stored in the range [min, max] with `steps` steps: step^2 / 12 for what lies inside and is not
 * exactly zero, the squared distance to the end for what lies outside.
 */
export function storageNoise({ histogram, count }: ValueStatistics, min: number, max: number, steps: number): Noise {
  const { zeros } = histogram;
  const step = (max - min) / steps;
  return {
    rounding: ((step * step) / 12) * (1 - zeros / Math.max(1, count)),
    clipping: clippedEnergy(histogram, min, max) / Math.max(1, count),
  };
}

/** Sum over all values of the squared distance to the range. */
export function clippedEnergy({ counts, first, width }: Histogram, min: number, max: number): number {
  let energy = 0;
  const below = Math.min(counts.length, Math.max(0, Math.ceil(min / width) - first));
  for (let i = 0; i < below; i++) {
    const distance = min - (first + i + 0.5) * width;
    if (distance > 0) energy += counts[i]! * distance * distance;
  }
  for (let i = Math.max(0, Math.floor(max / width) - first); i < counts.length; i++) {
    const distance = (first + i + 0.5) * width - max;
    if (distance > 0) energy += counts[i]! * distance * distance;
  }
  return energy;
}
