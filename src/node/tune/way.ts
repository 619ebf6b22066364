import type { PlannedSession } from '../../device/plan.ts';
import type { CpuShare } from '../../device/threads.ts';

export const CRITERIA = ['p50', 'p99', 'energy'] as const;

/** What the best way is best by. */
export type Criterion = (typeof CRITERIA)[number];

/** One way to run a model file. */
export type Way = Pick<PlannedSession, 'provider' | 'backend' | 'providerOptions' | 'memoryBudgetMb'> & {
  readonly path: string;
  readonly threads: number;
  readonly spinning: boolean;
  /** Pictures in one inference. */
  readonly batch: number;
};

/** More threads than this many are tried in powers of two, and as many as there are cores. */
const EVERY_COUNT_UP_TO = 4;

/** Thread counts worth trying: up to the processors' worth of time that the process has. */
export function threadCounts({ cores, performanceCores, cpuQuota }: CpuShare): readonly number[] {
  const most = Math.max(1, Math.min(cores, Math.floor(cpuQuota ?? cores)));
  const counts = Array.from({ length: most }, (_, i) => i + 1);
  return counts.filter(
    (count) =>
      count <= EVERY_COUNT_UP_TO || count === most || count === performanceCores || Number.isInteger(Math.log2(count)),
  );
}

/** The ways to run a file with one of the providers planned: threads and spinning matter where the processor's cores compute. */
export function waysOf(
  path: string,
  planned: PlannedSession,
  share: CpuShare,
  batches: readonly number[],
): readonly Way[] {
  const { provider, backend, providerOptions, memoryBudgetMb } = planned;
  const common = { path, provider, backend, providerOptions, memoryBudgetMb };
  const onCores = provider === 'cpu' || provider === 'wasm';
  const settings = onCores
    ? threadCounts(share)
        .toReversed()
        .flatMap((threads) => spinnings(threads, provider, share).map((spinning) => ({ threads, spinning })))
    : [{ threads: planned.threads, spinning: planned.spinning }];
  return settings.flatMap((setting) => batches.map((batch) => ({ ...common, ...setting, batch })));
}

/** One thread waits for nobody, WASM has no such setting, and a spinning thread uses up a quota. */
function spinnings(threads: number, provider: Way['provider'], { cpuQuota }: CpuShare): readonly boolean[] {
  return threads > 1 && provider === 'cpu' && cpuQuota === undefined ? [true, false] : [false];
}

/** The files' ways with the likeliest of each file first, in turn; a file's own order stays. */
export function inTurn(files: readonly (readonly Way[])[]): readonly Way[] {
  const longest = Math.max(0, ...files.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => files.flatMap((ways) => ways.slice(i, i + 1))).flat();
}
