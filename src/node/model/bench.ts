import { quantiles } from '../../runtime/quantiles.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { noiseInput } from './noise-input.ts';
import type { OpenedModel } from './open-model.ts';

const WARM_UP = 5;

export type Benchmark = {
  /** Timed runs that were done. */
  readonly runs: number;
  /** Milliseconds of one inference of one picture. */
  readonly ms: { readonly min: number; readonly p50: number; readonly p90: number; readonly p99: number };
  readonly loadMs: number;
  /** Largest resident set of the process so far, in units of 2^20 bytes. */
  readonly peakRssMb: number;
};

/**
 * Times inference alone on one seeded noise picture, after a warm-up. Once `signal` is aborted, the run in flight is finished and the
 * runs until then count.
 */
export async function bench(
  { session, metadata }: OpenedModel,
  runs: number,
  signal?: AbortSignal,
): Promise<Benchmark> {
  const input = noiseInput(metadata.preprocessing);
  for (let i = 0; i < WARM_UP && !signal?.aborted; i++) await scoresOf(session, input);
  const times: number[] = [];
  for (let i = 0; i < runs && !signal?.aborted; i++) times.push((await scoresOf(session, input)).ms);
  const [min = 0, p50 = 0, p90 = 0, p99 = 0] = quantiles(times, [0, 0.5, 0.9, 0.99]);
  // maxRSS counts kibibytes.
  return {
    runs: times.length,
    ms: { min, p50, p90, p99 },
    loadMs: session.loadMs,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}
