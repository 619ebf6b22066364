/** Numbers between -1 and 1 from a seed, the same on every machine. */
export function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function values(random, dims, scale = 1, offset = 0) {
  const count = dims.reduce((all, dim) => all * dim, 1);
  return Float32Array.from({ length: count }, () => offset + scale * random());
}
