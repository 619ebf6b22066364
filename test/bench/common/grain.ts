/** Lays grain of a standard deviation over samples of 8 bits, in place. */
export function addGrain(samples: Uint8Array, deviation: number, random: () => number): void {
  // The sum of three uniform numbers has a variance of 1/4.
  for (let i = 0; i < samples.length; i++) {
    const noise = (random() + random() + random() - 1.5) * 2 * deviation;
    samples[i] = Math.max(0, Math.min(255, Math.round(samples[i]! + noise)));
  }
}
