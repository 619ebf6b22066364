import { ResedgeError } from '../../src/errors.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { ValueStatistics } from './statistics.ts';

/** Room above the observed peak of every input channel for pictures that were not seen. */
export const PEAK_MARGIN = 0.125;

/** What a layer knows of every channel of its input. */
export type ChannelFacts = {
  /** Largest stored integer that may come, margin included. */
  readonly peak: Float64Array;
  readonly mean: Float64Array;
  /** Mean of the squares. */
  readonly power: Float64Array;
  /** A channel that is one value other than zero inside the picture, such as the one that `pixelInput` adds. */
  readonly constant: number | undefined;
};

const TOP = { uint8: 255, int8: 127, uint16: 65535 } as const;

/** Without statistics every channel may reach the end of its range and has mean zero. */
export function channelFacts(
  { scale, zeroPoint, dtype }: QuantizationParameters,
  statistics: ValueStatistics | undefined,
  count: number,
): ChannelFacts {
  const top = TOP[dtype];
  const peak = new Float64Array(count).fill(top);
  const mean = new Float64Array(count);
  const power = new Float64Array(count).fill(1);
  if (!statistics) return { peak, mean, power, constant: undefined };
  const { channels } = statistics;
  if (channels.max.length !== count) {
    throw new ResedgeError(
      'input',
      `expected statistics of ${count} channels, found ${channels.max.length}: the calibration table was made for another model`,
    );
  }
  for (let c = 0; c < count; c++) {
    const stored = Math.ceil((channels.max[c]! * (1 + PEAK_MARGIN)) / scale) + zeroPoint;
    // Padding stores the zero point, whatever the channel's own values are.
    peak[c] = Math.max(zeroPoint, Math.min(top, stored));
    mean[c] = channels.mean[c]!;
    // A channel that is always zero still orders its own roundings.
    power[c] = Math.max(channels.power[c]!, scale * scale);
  }
  const constant = channels.max.findIndex((max, c) => max === channels.min[c] && max !== 0);
  return { peak, mean, power, constant: constant < 0 ? undefined : constant };
}
