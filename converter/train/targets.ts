export type TargetOptions = {
  readonly classes: number;
  /** The share of a row that is spread evenly over all classes; 0 by default. */
  readonly smoothing?: number;
  /** The weight of each class's pictures; 1 by default. */
  readonly classWeights?: ArrayLike<number>;
  /** What the weights are divided by: the pictures of a whole step; the number of labels by default. */
  readonly batch?: number;
};

/**
 * Targets of a softmax cross-entropy, float32 [labels, classes]: each row a distribution times the picture's weight, so that the sum
 * over rows is the mean loss of a step. A label below zero has no target: its row is zero and it teaches nothing.
 */
export function targetRows(
  labels: ArrayLike<number>,
  { classes, smoothing = 0, classWeights, batch = labels.length }: TargetOptions,
): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label < 0) continue;
    const weight = (classWeights?.[label] ?? 1) / batch;
    rows.fill((weight * smoothing) / classes, row * classes, (row + 1) * classes);
    rows[row * classes + label] = weight * (1 - smoothing + smoothing / classes);
  }
  return rows;
}

/** Weights that give every class the same say, with a mean of one over all pictures; a class without pictures weighs nothing. */
export function balancedWeights(counts: ArrayLike<number>): Float64Array {
  const pictures = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const present = Array.from(counts).filter((count) => count > 0).length;
  return Float64Array.from(counts, (count) => (count > 0 ? pictures / (present * count) : 0));
}
