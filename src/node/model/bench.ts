import { allocateInput } from '../../image/to-input.ts';
import { quantiles } from '../../runtime/quantiles.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { mulberry32 } from '../../tensor/random.ts';
import type { OpenedModel } from './open-model.ts';

const WARM_UP = 5;
const SEED = 1;

export type Benchmark = {
  readonly runs: number;
  /** Milliseconds of one inference of one picture. */
  readonly ms: { readonly min: number; readonly p50: number; readonly p90: number; readonly p99: number };
  readonly loadMs: number;
  /** Largest resident set of the process so far, in units of 2^20 bytes. */
  readonly peakRssMb: number;
};

/** Times inference alone on one seeded noise picture, after a warm-up. */
export async function bench({ session, metadata }: OpenedModel, runs: number): Promise<Benchmark> {
  const input = allocateInput(metadata.preprocessing);
  const random = mulberry32(SEED);
  const [offset, range] = input.dtype === 'uint8' ? [0, 256] : [-2, 4];
  for (let i = 0; i < input.data.length; i++) input.data[i] = offset + random() * range;
  for (let i = 0; i < WARM_UP; i++) await scoresOf(session, input);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push((await scoresOf(session, input)).ms);
  const [min = 0, p50 = 0, p90 = 0, p99 = 0] = quantiles(times, [0, 0.5, 0.9, 0.99]);
  // maxRSS counts kibibytes.
  return { runs, ms: { min, p50, p90, p99 }, loadMs: session.loadMs, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}
