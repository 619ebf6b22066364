/** How near one classifier's logits are to a reference's, over many pictures. */
export type Fidelity = {
  /** Takes one picture's logits of both. */
  readonly add: (reference: ArrayLike<number>, logits: ArrayLike<number>) => void;
  /** Share of pictures with the reference's first class. */
  readonly agreement: () => number;
  /** 10 log10(sum ref^2 / sum (ref - x)^2) over all logits of all pictures; Infinity where they are equal. */
  readonly sqnrDb: () => number;
};

export function fidelity(): Fidelity {
  let pictures = 0;
  let agreeing = 0;
  let signal = 0;
  let noise = 0;
  return {
    add: (reference, logits) => {
      pictures++;
      if (indexOfLargest(reference) === indexOfLargest(logits)) agreeing++;
      for (let i = 0; i < reference.length; i++) {
        signal += reference[i]! ** 2;
        noise += (reference[i]! - logits[i]!) ** 2;
      }
    },
    agreement: () => agreeing / pictures,
    sqnrDb: () => (noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise)),
  };
}

/** The first of the largest; -1 where there are none. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || values[i]! > values[best]!) best = i;
  return best;
}
