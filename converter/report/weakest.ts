import type { LayerFidelity } from '../quantize/compare.ts';

/** The least faithful values, weakest first; the logits, which come last, are the result and no part. */
export function weakestOf(layers: readonly LayerFidelity[], count: number): readonly LayerFidelity[] {
  return layers
    .slice(0, -1)
    .toSorted((a, b) => a.sqnrDb - b.sqnrDb)
    .slice(0, count);
}
