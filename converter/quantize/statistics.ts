import type { Histogram } from './histogram.ts';

/** What was seen of one value over the calibration pictures. */
export type ValueStatistics = {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly histogram: Histogram;
  /** Per channel (axis 1). */
  readonly channels: {
    readonly min: readonly number[];
    readonly max: readonly number[];
    readonly mean: readonly number[];
    /** Mean of the squares. */
    readonly power: readonly number[];
  };
};

/** By value name. */
export type Statistics = ReadonlyMap<string, ValueStatistics>;
