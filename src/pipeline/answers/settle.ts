import { topK } from '../../runtime/top-k.ts';
import { holding } from './hold.ts';

export type SettleOptions = {
  /** Below this probability no label begins to hold. */
  readonly threshold: number;
  /** How far a label must lead the one that holds to replace it, and how far below the threshold it may fall before none holds. */
  readonly hysteresis: number;
  /** A label that has led for so long replaces the one that holds by however little it leads. */
  readonly leadMs: number;
};

/** Where what began at a threshold ends: lower by the hysteresis, but not by more than half, so that a low one ends at all. */
export function lowerThreshold(threshold: number, hysteresis: number): number {
  return Math.max(threshold - hysteresis, threshold / 2);
}

/**
 * Says which class holds, from the probabilities of successive frames; undefined is none. Two thresholds and a lead keep it from
 * flickering: a class holds from `threshold` on until it falls below the lower threshold or another one leads.
 */
export function settler(options: SettleOptions): (probabilities: ArrayLike<number>, at: number) => number | undefined {
  const { threshold, hysteresis, leadMs } = options;
  const lower = lowerThreshold(threshold, hysteresis);
  const leads = holding<number>(leadMs);
  let held: number | undefined;
  return (probabilities, at) => {
    const best = topK(probabilities, 1)[0];
    if (best === undefined) return undefined;
    const ledLong = leads(best.index, at);
    const candidate = best.score >= threshold ? best.index : undefined;
    const current = held === undefined ? undefined : probabilities[held]!;
    if (current === undefined || !(current >= lower)) held = candidate;
    else if (candidate !== undefined && (best.score - current >= hysteresis || ledLong)) held = candidate;
    return held;
  };
}
