import { quantiles } from '../../../src/runtime/quantiles.ts';

/** One way of doing the work; a call does it once, in a process of its own, and returns the figure. */
export type Candidate<T> = () => Promise<T>;

/**
 * Runs candidates in turn, round by round, so that a machine that slows down slows all of them; every other round goes
 * backwards. Returns each candidate's results in the order of the rounds.
 */
export async function alternate<K extends string, T>(
  candidates: Readonly<Record<K, Candidate<T>>>,
  rounds: number,
): Promise<Readonly<Record<K, readonly T[]>>> {
  const names = Object.keys(candidates) as K[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, T[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name].push(await candidates[name]());
  }
  return results;
}

export function median(values: readonly number[]): number {
  return quantiles(values, [0.5])[0] ?? Number.NaN;
}

/** The median over the rounds of a's result by b's: what both shared in a round cancels. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}
