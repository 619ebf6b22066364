import type { Histogram } from '../quantize/histogram.ts';
import type { Interval } from './scale.ts';

/** A histogram's counts in `bins` bins of equal width over an interval that holds all of it. */
export function rebin({ counts, first, width }: Histogram, [from, to]: Interval, bins: number): readonly number[] {
  const out = new Array<number>(bins).fill(0);
  for (const [i, count] of counts.entries()) {
    const centre = (first + i + 0.5) * width;
    const bin = Math.floor(((centre - from) / (to - from)) * bins);
    out[Math.max(0, Math.min(bins - 1, bin))]! += count;
  }
  return out;
}

/** Values in bins whose centre lies outside an interval. */
export function countOutside({ counts, first, width }: Histogram, [from, to]: Interval): number {
  let outside = 0;
  for (const [i, count] of counts.entries()) {
    const centre = (first + i + 0.5) * width;
    if (centre < from || centre > to) outside += count;
  }
  return outside;
}
