import { mulberry32 } from '../../src/tensor/random.ts';

/**
 * Uniform numbers in [0, 1) that belong to a place in a training, such as (seed, epoch, picture): the same at every visit, whatever was
 * drawn elsewhere. What a training has drawn so far is thus known from its numbers alone.
 */
export function streamAt(...place: readonly number[]): () => number {
  let hash = 0x9e3779b9;
  for (const part of place) hash = mixed(hash ^ mixed(part + 0x7f4a7c15));
  return mulberry32(hash);
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input reaches every bit of the result. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The numbers 0 to `count` - 1 in an order that the stream decides (Fisher and Yates). */
export function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
