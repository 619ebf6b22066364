import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { pixelCode } from './passes/raw-input.ts';
import type { Statistics, ValueStatistics } from './quantize/statistics.ts';

/** Standard deviation of a photograph's pixels where none were seen. */
const TYPICAL_DEVIATION = 64;

/**
 * Statistics of a raw input as INT8 reads it (`pixels.dq`: pixel minus zero point, with the constant channel), from those of the
 * centred float input, or from the model's own mean where it was not observed. Empty for a float input.
 */
export function pixelStatistics(preprocessing: Preprocessing, observed: Statistics): Statistics {
  if (preprocessing.input !== 'raw') return new Map();
  const { zero, mean, constant } = pixelCode(preprocessing);
  const centred = observed.get('pixels.centred');
  const shift = mean.map((m) => m - zero);
  const extra = constant === undefined ? [] : [constant - zero];
  const channel = shift.map((s, c) => {
    const average = centred?.channels.mean[c] ?? 0;
    const power = centred?.channels.power[c] ?? TYPICAL_DEVIATION ** 2;
    return { mean: s + average, power: power + 2 * s * average + s * s };
  });
  const statistics: ValueStatistics = {
    count: centred?.count ?? 0,
    min: -zero,
    max: 255 - zero,
    histogram: { width: 1, zeros: 0, first: 0, counts: [] },
    channels: {
      min: [...shift.map(() => -zero), ...extra],
      max: [...shift.map(() => 255 - zero), ...extra],
      mean: [...channel.map((c) => c.mean), ...extra],
      power: [...channel.map((c) => c.power), ...extra.map((value) => value * value)],
    },
  };
  return new Map([['pixels.dq', statistics]]);
}
