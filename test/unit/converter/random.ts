/** Uniform numbers in [0, 1) from a seed: a linear congruential generator (Knuth, TAOCP volume 2, section 3.3.4). */
export function uniform(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 40n) / 2 ** 24;
  };
}

/** Nearly normal numbers with mean 0 and deviation 1: the sum of twelve uniform ones. */
export function normal(seed: number): () => number {
  const random = uniform(seed);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    return sum;
  };
}
