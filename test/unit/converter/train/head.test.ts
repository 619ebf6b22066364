import { describe, expect, test } from 'vitest';
import { trainHead } from '../../../../converter/train/head.ts';
import type { HeadData } from '../../../../converter/train/head-features.ts';
import { foldsOf, validateHead } from '../../../../converter/train/head-folds.ts';
import {
  answersOf,
  calibrateThreshold,
  confusionOf,
  type HeadAnswer,
  judgeAnswers,
  judgeHead,
} from '../../../../converter/train/head-judge.ts';
import { HEAD_RECIPE } from '../../../../converter/train/head-recipe.ts';
import { mulberry32, normal } from '../../../../src/tensor/random.ts';

const WIDTH = 8;
const CLASSES = 4;

/** Clouds around one corner for each class; the first feature is a constant far away, the second of another size than the rest. */
function clouds(counts: readonly number[], spread: number, seed = 1): HeadData {
  const random = mulberry32(seed);
  const labels = Int32Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
  const features = new Float32Array(labels.length * WIDTH);
  for (const [row, label] of labels.entries()) {
    for (let k = 0; k < WIDTH; k++) {
      const value = (k - 2 === label ? 1 : 0) + spread * normal(random);
      features[row * WIDTH + k] = k === 0 ? 1000 : k === 1 ? 100 * value : value;
    }
  }
  return { features, labels, width: WIDTH };
}

describe('a head', () => {
  test('learns what can be told apart, whatever the features measure', () => {
    const head = trainHead(clouds([40, 40, 40, 40], 0.15), CLASSES);
    expect(judgeHead(head, clouds([50, 50, 50, 50], 0.15, 2)).accuracy).toBeGreaterThan(0.98);
    expect(head.ended).toBe('whole');
    expect(head.curve).toHaveLength(HEAD_RECIPE.epochs);
  });

  test('comes out the same for the same seed', () => {
    const data = clouds([20, 20, 20, 20], 0.5);
    expect(trainHead(data, CLASSES)).toEqual(trainHead(data, CLASSES));
    expect(trainHead(data, CLASSES, { ...HEAD_RECIPE, seed: 1 })).not.toEqual(trainHead(data, CLASSES));
  });

  test('stops early on noise and hands out its best state', () => {
    const data = clouds([20, 20, 20, 20], 3);
    const unseen = clouds([20, 20, 20, 20], 3, 5);
    const head = trainHead(data, CLASSES, { ...HEAD_RECIPE, epochs: 100, patience: 5 }, unseen);
    expect(head.ended).toBe('early');
    expect(head.curve).toHaveLength(head.epochs + 5);
    const best = Math.min(...head.curve.map(({ validation }) => validation?.loss ?? 0));
    expect(judgeHead(head, unseen).loss).toBeCloseTo(best, 6);
  });

  test('gives a small class its say where classes are balanced', () => {
    const data = clouds([200, 10, 10, 10], 0.6);
    const unseen = clouds([0, 50, 50, 50], 0.6, 3);
    const accuracy = (balance: number): number =>
      judgeHead(trainHead(data, CLASSES, { ...HEAD_RECIPE, balance }), unseen).accuracy;
    expect(accuracy(1)).toBeGreaterThan(accuracy(0));
  });

  test('keeps its last good state where the loss becomes NaN', () => {
    const data = clouds([20, 20, 20, 20], 0.5);
    const schedule = { kind: 'steps', peak: 0.01, at: [0.5], factor: 1e38 } as const;
    const head = trainHead(data, CLASSES, { ...HEAD_RECIPE, schedule, epochs: 4, weightDecay: 10 });
    expect(head.ended).toBe('diverged');
    expect(head.epochs).toBe(2);
    expect([...head.weights].every(Number.isFinite)).toBe(true);
    expect(judgeHead(head, data).accuracy).toBeGreaterThan(0.5);
  });
});

describe('cross-validation', () => {
  test('answers every picture once, by heads that did not see it', () => {
    // Labels that say nothing: a head that had seen them would know them all the same.
    const random = mulberry32(4);
    const features = Float32Array.from({ length: 60 * 64 }, () => normal(random));
    const labels = Int32Array.from({ length: 60 }, (_, i) => i % 2);
    const data = { features, labels, width: 64, starts: Int32Array.from({ length: 61 }, (_, i) => i) };
    const { answers, folds, head } = validateHead(data, 2, { ...HEAD_RECIPE, patience: 100 });
    expect(folds).toBe(5);
    expect(answers.map(({ picture }) => picture)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(judgeAnswers(answers).accuracy).toBeLessThan(0.7);
    expect(head.ended).toBe('whole');
  });

  test('deals every class out over the folds', () => {
    const { labels } = clouds([10, 7, 2, 5], 1);
    const folds = foldsOf(labels, CLASSES, 0);
    for (let c = 0; c < CLASSES; c++) {
      const own = [...folds].filter((_, picture) => labels[picture] === c);
      const counts = [0, 1, 2, 3, 4].map((fold) => own.filter((found) => found === fold).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  test('judges pictures, not their variants', () => {
    const { features, labels, width } = clouds([10, 10, 10, 10], 0.2);
    const doubled = new Float32Array(features.length * 2);
    for (let i = 0; i < labels.length; i++) {
      const row = features.subarray(i * width, (i + 1) * width);
      doubled.set(row, 2 * i * width);
      doubled.set(row, (2 * i + 1) * width);
    }
    const starts = Int32Array.from({ length: labels.length + 1 }, (_, i) => 2 * i);
    const { answers } = validateHead({ features: doubled, labels, width, starts }, CLASSES, HEAD_RECIPE);
    expect(answers).toHaveLength(labels.length);
  });
});

describe('judging', () => {
  const answer = (truth: number, given: number, probability: number): HeadAnswer => ({
    truth,
    answer: given,
    probability,
    ofTruth: truth === given ? probability : 1 - probability,
  });

  test('counts who is taken for whom', () => {
    const answers = [answer(0, 0, 1), answer(0, 1, 1), answer(1, 1, 1), answer(1, 1, 1)];
    expect([...confusionOf(answers, 2)]).toEqual([1, 1, 0, 2]);
    expect(judgeAnswers(answers).accuracy).toBe(0.75);
  });

  test('the threshold keeps the share of right answers that it was asked to keep', () => {
    const right = Array.from({ length: 100 }, (_, i) => answer(0, 0, (i + 1) / 100));
    const wrong = [answer(0, 1, 0.03), answer(0, 1, 0.9)];
    expect(calibrateThreshold([...right, ...wrong], 0.95)).toEqual({ value: 0.06, keeps: 0.95, catches: 0.5 });
    expect(calibrateThreshold(wrong, 0.95).value).toBe(0);
  });

  test('probabilities are those of a softmax', () => {
    const head = { weights: Float32Array.of(1, -1), bias: Float32Array.of(0, 0) };
    const [only] = answersOf(head, { features: Float32Array.of(0.5), labels: Int32Array.of(1), width: 1 });
    expect(only?.probability).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(only?.ofTruth).toBeCloseTo(1 / (1 + Math.exp(1)), 6);
  });
});

test('classes of two pictures are judged on two folds, and trained as long as these were', () => {
  const { features, labels, width } = clouds([2, 2, 2, 2], 0.05);
  const data = { features, labels, width, starts: Int32Array.from({ length: labels.length + 1 }, (_, row) => row) };
  const { answers, folds, head } = validateHead(data, CLASSES, HEAD_RECIPE);
  expect(folds).toBe(2);
  expect(answers.map(({ picture }) => picture)).toEqual([...labels.keys()]);
  expect(head.epochs).toBe(HEAD_RECIPE.epochs);
});
