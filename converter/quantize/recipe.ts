import type { RangeMethod } from './range.ts';
import type { Scheme } from './scheme.ts';

/** Steps beyond ranges and plain rounding, in the order in which they are tried; each can be left out. */
export const CORRECTIONS = ['equalize', 'bias', 'streams', 'rounding'] as const;
export type Correction = (typeof CORRECTIONS)[number];

/** What a correction does, for people. */
export const CORRECTION_NAMES: Readonly<Record<Correction, string>> = {
  equalize: 'cross-layer equalization',
  bias: 'bias correction',
  streams: 'joint scales of residual streams',
  rounding: 'learned rounding',
};

/** What is wanted of a quantization. */
export type Recipe = {
  readonly scheme: Scheme;
  /** `auto` is the method with the least error. */
  readonly method: RangeMethod | 'auto';
  /** `auto`: all of them, learned rounding for small networks alone. */
  readonly corrections: readonly Correction[] | 'auto';
};

/** Above this many weights, `auto` leaves out learned rounding, which takes about a second for a million. */
const QUICK_WEIGHTS = 4e6;

/** True where every correction is judged by itself; `auto` spares large networks the time. */
export function judgesSteps({ corrections }: Recipe, parameters: number): boolean {
  return corrections !== 'auto' || parameters <= QUICK_WEIGHTS;
}

/** The corrections that a recipe means for a network of so many parameters. */
export function correctionsOf({ corrections }: Recipe, parameters: number): readonly Correction[] {
  if (corrections !== 'auto') return corrections;
  return CORRECTIONS.filter((name) => name !== 'rounding' || parameters <= QUICK_WEIGHTS);
}
