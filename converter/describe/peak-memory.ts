/** A layer as memory sees it: `stores` takes `bytes`, or 0 where it is another name for what is there. */
export type Held = {
  readonly name: string;
  readonly reads: readonly string[];
  readonly stores: string;
  readonly bytes: number;
};

/**
 * The largest sum of values that have to be there while one layer runs: what it reads, what it makes, and what a later layer or the
 * caller still reads. Nothing is computed in place.
 */
export function peakMemory(
  layers: readonly Held[],
  inputs: readonly { readonly name: string; readonly bytes: number }[],
  outputs: readonly string[],
): { readonly bytes: number; readonly at: string | null } {
  const last = new Map<string, number>();
  for (const [index, { reads }] of layers.entries()) for (const value of reads) last.set(value, index);
  for (const value of outputs) last.set(value, layers.length);
  const sizes = new Map(inputs.map(({ name, bytes }) => [name, bytes]));
  let alive = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  let peak: { bytes: number; at: string | null } = { bytes: alive, at: null };
  for (const [index, { name, reads, stores, bytes }] of layers.entries()) {
    sizes.set(stores, bytes);
    alive += bytes;
    if (alive > peak.bytes) peak = { bytes: alive, at: name };
    for (const value of new Set([...reads, stores])) {
      if ((last.get(value) ?? index) > index) continue;
      alive -= sizes.get(value) ?? 0;
      sizes.delete(value);
    }
  }
  return peak;
}
