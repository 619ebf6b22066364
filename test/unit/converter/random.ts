/** Uniform numbers in [0, 1) from a seed: a linear congruential generator (Knuth, TAOCP volume 2, section 3.3.4). */
export function uniform(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 40n) / 2 ** 24;
  };
}
