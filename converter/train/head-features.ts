import type { HeadData, TrainedWeights } from './head.ts';

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

/** Logits [classes] of one row of features, written into `out`. */
export function headScores({ weights, bias }: TrainedWeights, row: Float32Array, out: Float32Array): Float32Array {
  const width = row.length;
  for (let c = 0; c < bias.length; c++) {
    let sum = bias[c]!;
    const at = c * width;
    for (let k = 0; k < width; k++) sum += weights[at + k]! * row[k]!;
    out[c] = sum;
  }
  return out;
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
