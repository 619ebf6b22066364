/** Features [rows, width] and the class of each row. */
export type HeadData = { readonly features: Float32Array; readonly labels: Int32Array; readonly width: number };

/** A linear classifier: logits are weights [classes, width] times features plus bias. */
export type TrainedWeights = { readonly weights: Float32Array; readonly bias: Float32Array };

/** Features of a mean of 0 and a deviation of 1, and what made them so. */
export type Standardised = {
  readonly x: Float32Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
};

/** Features that hardly vary are divided by this share of the mean deviation at least: they must not outshout the others. */
const LEAST_DEVIATION = 0.1;

export function standardise({ features, labels, width }: HeadData): Standardised {
  const rows = labels.length;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let i = 0; i < features.length; i++) mean[i % width]! += features[i]! / rows;
  for (let i = 0; i < features.length; i++) deviation[i % width]! += (features[i]! - mean[i % width]!) ** 2 / rows;
  const typical = deviation.reduce((sum, variance) => sum + Math.sqrt(variance), 0) / width || 1;
  for (let k = 0; k < width; k++) deviation[k] = Math.max(Math.sqrt(deviation[k]!), LEAST_DEVIATION * typical);
  const x = new Float32Array(features.length);
  for (let i = 0; i < x.length; i++) x[i] = (features[i]! - mean[i % width]!) / deviation[i % width]!;
  return { x, mean, deviation };
}

/** Weights on features as they are, of weights on standardised ones. */
export function unfold(
  weights: Float32Array,
  bias: Float32Array,
  mean: Float64Array,
  deviation: Float64Array,
): TrainedWeights {
  const width = mean.length;
  const out = new Float32Array(weights.length);
  const offset = Float64Array.from(bias);
  for (let i = 0; i < out.length; i++) {
    const k = i % width;
    const weight = weights[i]! / deviation[k]!;
    out[i] = weight;
    offset[Math.floor(i / width)]! -= weight * mean[k]!;
  }
  return { weights: out, bias: Float32Array.from(offset) };
}

/** Logits [classes] of one row of features, written into `out`. Four classes at a time: their sums do not wait for each other. */
export function headScores({ weights, bias }: TrainedWeights, row: Float32Array, out: Float32Array): Float32Array {
  const width = row.length;
  const classes = bias.length;
  let c = 0;
  for (; c + 4 <= classes; c += 4) {
    const [p, q, r, s] = [c * width, (c + 1) * width, (c + 2) * width, (c + 3) * width];
    let [a, b, d, e] = [bias[c]!, bias[c + 1]!, bias[c + 2]!, bias[c + 3]!];
    for (let k = 0; k < width; k++) {
      const x = row[k]!;
      a += weights[p + k]! * x;
      b += weights[q + k]! * x;
      d += weights[r + k]! * x;
      e += weights[s + k]! * x;
    }
    out[c] = a;
    out[c + 1] = b;
    out[c + 2] = d;
    out[c + 3] = e;
  }
  for (; c < classes; c++) {
    let sum = bias[c]!;
    const at = c * width;
    for (let k = 0; k < width; k++) sum += weights[at + k]! * row[k]!;
    out[c] = sum;
  }
  return out;
}

/** Adds the products of `slopes` [classes] and one row of features to `sums` [classes, width], four classes at a time. */
export function addProducts(slopes: Float64Array, row: Float32Array, sums: Float32Array): void {
  const width = row.length;
  const classes = slopes.length;
  let c = 0;
  for (; c + 4 <= classes; c += 4) {
    const [p, q, r, s] = [c * width, (c + 1) * width, (c + 2) * width, (c + 3) * width];
    const [a, b, d, e] = [slopes[c]!, slopes[c + 1]!, slopes[c + 2]!, slopes[c + 3]!];
    for (let k = 0; k < width; k++) {
      const x = row[k]!;
      sums[p + k]! += a * x;
      sums[q + k]! += b * x;
      sums[r + k]! += d * x;
      sums[s + k]! += e * x;
    }
  }
  for (; c < classes; c++) {
    const [at, slope] = [c * width, slopes[c]!];
    for (let k = 0; k < width; k++) sums[at + k]! += slope * row[k]!;
  }
}

/** Turns logits into exp(x - max) in place; returns their sum. */
export function exponentials(logits: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) max = Math.max(max, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    logits[i] = Math.exp(logits[i]! - max);
    sum += logits[i]!;
  }
  return sum;
}
