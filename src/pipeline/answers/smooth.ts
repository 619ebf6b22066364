/** Probabilities averaged over time; the array is overwritten by the next call. */
export type Smoother = (probabilities: ArrayLike<number>, at: number) => Float64Array;

/**
 * What an exponential average gives to a value that has held for `ms`, at time constant `tauMs`: 1 - exp(-ms / tau). Two steps weigh as
 * much as one of their sum, so that an average depends on time and not on the number of frames. No time constant: everything.
 */
export function weightOf(ms: number, tauMs: number): number {
  return tauMs === 0 ? 1 : -Math.expm1(-Math.max(0, ms) / tauMs);
}

/** Averages the probabilities of successive frames exponentially; `at` and `tauMs` in milliseconds. */
export function smoother(tauMs: number): Smoother {
  let average = new Float64Array(0);
  let last = 0;
  return (probabilities, at) => {
    if (average.length !== probabilities.length) {
      average = Float64Array.from(probabilities);
    } else {
      const weight = weightOf(at - last, tauMs);
      for (let i = 0; i < average.length; i++) {
        const held = average[i]!;
        // One frame of NaN must not stay.
        average[i] = Number.isNaN(held) ? probabilities[i]! : held + weight * (probabilities[i]! - held);
      }
    }
    last = at;
    return average;
  };
}
