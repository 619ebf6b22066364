import type { Measured, MeasureRequest } from './measure.ts';
import { type Figures, figureBy, figuresOf } from './rank.ts';
import type { Criterion, Way } from './way.ts';

/** A way that could not be measured. */
export type FailedWay = { readonly way: Way; readonly absent: boolean; readonly reason: string };

export type Rounds = {
  readonly figures: readonly Figures[];
  readonly failed: readonly FailedWay[];
  /** Those that the budget left no time for. */
  readonly unreached: readonly Way[];
};

export type RoundSettings = {
  /** The likeliest first; the first of every file is measured whatever the budget. */
  readonly ways: readonly Way[];
  readonly budgetMs: number;
  readonly by: Criterion;
  readonly measure: (request: MeasureRequest) => Promise<Measured>;
  readonly now: () => number;
  /** True once no more is to be measured. */
  readonly stopped: () => boolean;
  readonly onProgress: (done: string) => void;
};

/** Rounds that the budget is divided into; with fewer ways left, more fit. */
const ROUNDS = 3;
const MAX_ROUNDS = 7;
/** What a process takes apart from measuring, at a guess until it is known, in milliseconds. */
const START_MS = 500;
const SHORTEST_MS = 100;
const LONGEST_MS = 3000;
/** Ways this many times slower than the best are not measured again. */
const HOPELESS = 1.25;

type TimesOf = Map<Way, (Measured & { readonly kind: 'times' })[]>;

/**
 * Measures the ways in turn, round by round and every other round backwards, so that a machine that slows down slows all; after a round the
 * slow ones are left out. Nothing is begun that the budget has no time for, going by what processes took so far.
 */
export async function measureRounds(settings: RoundSettings): Promise<Rounds> {
  const { ways, budgetMs, by, measure, now, stopped, onProgress } = settings;
  const times: TimesOf = new Map(ways.map((way) => [way, []]));
  const failed: FailedWay[] = [];
  const share = budgetMs / (ROUNDS * Math.max(1, ways.length)) - START_MS;
  const forMs = Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, share)));
  const begin = now();
  let asked = 0;
  const hasTime = (): boolean => asked === 0 || ((now() - begin) / asked) * (asked + 1) <= budgetMs;
  let left = ways;
  for (let round = 0; round < MAX_ROUNDS && left.length > 0; round++) {
    for (const [i, way] of (round % 2 === 0 ? left : left.toReversed()).entries()) {
      const needed = round === 0 && ways.findIndex(({ path }) => path === way.path) === i;
      if (stopped() || !(needed || hasTime())) continue;
      onProgress(`round ${round + 1}: ${i + 1} of ${left.length}`);
      const measured = await measure({ way, forMs });
      asked++;
      if (stopped()) break;
      if (measured.kind === 'times') times.get(way)?.push(measured);
      else failed.push({ way, absent: measured.absent, reason: measured.reason });
    }
    left = promising(left, times, failed, by);
    if (stopped() || !hasTime()) break;
  }
  const bad = new Set(failed.map(({ way }) => way));
  const good = ways.filter((way) => !bad.has(way));
  const reached = good.filter((way) => (times.get(way)?.length ?? 0) > 0);
  const unreached = good.filter((way) => !reached.includes(way));
  return { figures: reached.map((way) => figuresOf(way, times.get(way) ?? [])), failed, unreached };
}

function promising(ways: readonly Way[], times: TimesOf, failed: readonly FailedWay[], by: Criterion): readonly Way[] {
  const good = ways.filter((way) => !failed.some((one) => one.way === way) && (times.get(way)?.length ?? 0) > 0);
  const figure = new Map(good.map((way) => [way, figureBy(figuresOf(way, times.get(way) ?? []), by)]));
  const best = (of: readonly Way[]): number =>
    Math.min(...of.map((way) => figure.get(way) ?? Number.POSITIVE_INFINITY));
  // Each file's own best is of interest too.
  return good.filter((way) => {
    const siblings = good.filter(({ path }) => path === way.path);
    return (figure.get(way) ?? 0) <= HOPELESS * best(siblings);
  });
}
