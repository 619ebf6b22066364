import { quantiles } from '../../runtime/quantiles.ts';
import type { Measured } from './measure.ts';
import type { Criterion, Way } from './way.ts';

/** What was measured of a way, of one picture. */
export type Figures = {
  readonly way: Way;
  readonly runs: number;
  readonly processes: number;
  readonly ms: { readonly p50: number; readonly p99: number };
  /** Millijoules; absent where the board does not tell. */
  readonly energyMj?: number;
};

/** Ways this close to the best, as a share, are taken for equals: the one that leaves more of the machine to others is chosen. */
const EQUALS = 0.03;

/** The figures of all the processes that measured a way. */
export function figuresOf(way: Way, measured: readonly (Measured & { readonly kind: 'times' })[]): Figures {
  const times = measured.flatMap(({ ms }) => ms.map((value) => value / way.batch));
  const [p50 = Number.NaN, p99 = Number.NaN] = quantiles(times, [0.5, 0.99]);
  const common = { way, runs: times.length, processes: measured.length, ms: { p50, p99 } };
  const joules = measured.map((one) => one.joules);
  if (joules.length === 0 || joules.some((value) => value === undefined)) return common;
  const sum = joules.reduce<number>((all, value) => all + (value ?? 0), 0);
  return { ...common, energyMj: (1000 * sum) / (times.length * way.batch) };
}

/** The figure to be smallest. */
export function figureBy({ ms, energyMj }: Figures, by: Criterion): number {
  return by === 'energy' ? (energyMj ?? Number.POSITIVE_INFINITY) : ms[by];
}

/** The best first; of equals to the best the one with the fewest threads, none of them spinning, first. */
export function rank(figures: readonly Figures[], by: Criterion): readonly Figures[] {
  const sorted = [...figures].sort((a, b) => figureBy(a, by) - figureBy(b, by));
  const best = sorted[0];
  if (best === undefined) return [];
  const limit = figureBy(best, by) * (1 + EQUALS);
  const equals = sorted.filter((one) => one.way.path === best.way.path && figureBy(one, by) <= limit);
  const [first = best] = equals.sort(
    (a, b) => a.way.threads - b.way.threads || Number(a.way.spinning) - Number(b.way.spinning),
  );
  return [first, ...sorted.filter((one) => one !== first)];
}
