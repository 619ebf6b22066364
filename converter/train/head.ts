import { mulberry32 } from '../../src/tensor/random.ts';
import {
  addProducts,
  exponentials,
  type HeadData,
  headScores,
  standardise,
  type TrainedWeights,
  unfold,
} from './head-features.ts';
import { type HeadJudgement, judgeHead } from './head-judge.ts';
import { HEAD_RECIPE, type HeadRecipe } from './head-recipe.ts';
import { learningRate } from './schedule.ts';
import { type SgdState, sgdStep } from './sgd.ts';
import { shuffled } from './stream.ts';
import { balancedWeights, targetRows } from './targets.ts';

/** One pass over the data: the mean training loss, and how the head then did on the validation data. */
export type HeadEpoch = { readonly loss: number; readonly learningRate: number; readonly validation?: HeadJudgement };

export type TrainedHead = TrainedWeights & {
  readonly curve: readonly HeadEpoch[];
  /** Passes that made the head that is handed out. */
  readonly epochs: number;
  /** `diverged`: the loss became NaN or infinite, the head is the last good one. */
  readonly ended: 'whole' | 'early' | 'diverged';
};

/**
 * Trains a softmax head by mini-batch SGD with momentum on features that are standardised first; the standardisation is folded into
 * the weights. With validation data the best state by its loss is handed out, and the training ends early; without, that after epoch
 * `last`.
 */
export function trainHead(
  data: HeadData,
  classes: number,
  recipe: HeadRecipe = HEAD_RECIPE,
  validation?: HeadData,
  last: number = recipe.epochs,
): TrainedHead {
  const { width, labels } = data;
  const rows = labels.length;
  const { x, mean, deviation } = standardise(data);
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]!++;
  const classWeights = weightsOf(counts, recipe.balance);
  const weights = new Float32Array(classes * width);
  const bias = new Float32Array(classes);
  const parameters = new Map([['weight', weights] as const, ['bias', bias] as const]);
  const gradients = new Map([
    ['weight', new Float32Array(weights.length)],
    ['bias', new Float32Array(classes)],
  ]);
  const state: SgdState = new Map();
  const random = mulberry32(recipe.seed);
  const perEpoch = Math.ceil(rows / recipe.batch);
  const steps = recipe.epochs * perEpoch;
  const curve: HeadEpoch[] = [];
  let best: TrainedWeights & { readonly epochs: number; readonly loss: number } = {
    ...unfold(weights, bias, mean, deviation),
    epochs: 0,
    loss: Number.POSITIVE_INFINITY,
  };
  let ended: TrainedHead['ended'] = 'whole';
  for (let epoch = 0; epoch < last; epoch++) {
    const order = shuffled(rows, random);
    let sum = 0;
    let rate = 0;
    for (let step = 0; step < perEpoch; step++) {
      const taken = order.subarray(step * recipe.batch, (step + 1) * recipe.batch);
      const chosen = Int32Array.from(taken, (row) => labels[row]!);
      const targets = targetRows(chosen, { classes, smoothing: recipe.smoothing, classWeights });
      sum += gradient(x, width, taken, targets, { weights, bias }, gradients) * taken.length;
      rate = learningRate(recipe.schedule, epoch * perEpoch + step, steps);
      const decays = (name: string): boolean => name === 'weight';
      sgdStep(parameters, gradients, state, { ...recipe, learningRate: rate, decays });
    }
    const head = unfold(weights, bias, mean, deviation);
    const loss = sum / rows;
    const judged = validation && judgeHead(head, validation);
    if (!Number.isFinite(loss) || !head.weights.every(Number.isFinite) || judged?.loss === Number.POSITIVE_INFINITY) {
      ended = 'diverged';
      break;
    }
    curve.push({ loss, learningRate: rate, ...(judged ? { validation: judged } : {}) });
    if (judged === undefined || judged.loss < best.loss) {
      best = { ...head, epochs: epoch + 1, loss: judged?.loss ?? loss };
    } else if (epoch + 1 - best.epochs >= recipe.patience) {
      ended = 'early';
      break;
    }
  }
  const { loss: _, ...head } = best;
  return { ...head, curve, ended };
}

/** Weights of the classes' pictures, with a mean of one over all pictures. */
function weightsOf(counts: Int32Array, balance: number): Float64Array {
  const weights = balancedWeights(counts).map((weight) => weight ** balance);
  const total = weights.reduce((sum, weight, c) => sum + weight * counts[c]!, 0);
  const pictures = counts.reduce((sum, count) => sum + count, 0);
  return weights.map((weight) => (weight * pictures) / total);
}

/**
 * Gradients of the weighted cross-entropy of the rows `taken`, whose targets are `targets` [taken, classes], written into `gradients`.
 * Returns the loss.
 */
function gradient(
  x: Float32Array,
  width: number,
  taken: Uint32Array,
  targets: Float32Array,
  head: TrainedWeights,
  gradients: ReadonlyMap<string, Float32Array>,
): number {
  const classes = head.bias.length;
  const byWeight = gradients.get('weight')!.fill(0);
  const byBias = gradients.get('bias')!.fill(0);
  const logits = new Float32Array(classes);
  const slopes = new Float64Array(classes);
  let loss = 0;
  for (let i = 0; i < taken.length; i++) {
    const row = x.subarray(taken[i]! * width, (taken[i]! + 1) * width);
    headScores(head, row, logits);
    const total = exponentials(logits);
    const target = targets.subarray(i * classes, (i + 1) * classes);
    let weight = 0;
    for (let c = 0; c < classes; c++) weight += target[c]!;
    for (let c = 0; c < classes; c++) {
      if (target[c]! > 0) loss -= target[c]! * Math.log(logits[c]! / total);
      const slope = (weight * logits[c]!) / total - target[c]!;
      byBias[c]! += slope;
      slopes[c] = slope;
    }
    addProducts(slopes, row, byWeight);
  }
  return loss;
}
