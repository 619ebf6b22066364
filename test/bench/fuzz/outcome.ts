import type { Source } from './seeds.ts';

/** A model for the reading process: `quick` reads HDF5 in its main thread, `product` as the product does, in a thread that is stopped. */
export type Job = Source & { readonly door: 'quick' | 'product' };

/** What became of a model, CPU time and the process's largest resident set so far in bytes. */
export type Outcome = {
  readonly kind: 'accepted' | 'refused' | 'finding';
  readonly message: string;
  readonly cpuMs: number;
  readonly peakRss: number;
};
