import { indexOfLargest } from '../../src/tensor/fidelity.ts';
import { exponentials, type HeadData, headScores, type TrainedWeights } from './head-features.ts';

/** Mean cross-entropy, and the share of rows whose likeliest class is theirs. */
export type HeadJudgement = { readonly loss: number; readonly accuracy: number };

/** What a head says of one row. */
export type HeadAnswer = {
  readonly truth: number;
  readonly answer: number;
  /** Of the answer, and of the true class. */
  readonly probability: number;
  readonly ofTruth: number;
};

/** The answers of a head, row by row. */
export function answersOf(head: TrainedWeights, { features, labels, width }: HeadData): readonly HeadAnswer[] {
  const logits = new Float32Array(head.bias.length);
  return Array.from(labels, (truth, row) => {
    headScores(head, features.subarray(row * width, (row + 1) * width), logits);
    return answerOf(logits, truth);
  });
}

/** What logits, which it changes, say of a picture of class `truth`. */
export function answerOf(logits: Float32Array, truth: number): HeadAnswer {
  const sum = exponentials(logits);
  const answer = indexOfLargest(logits);
  return { truth, answer, probability: logits[answer]! / sum, ofTruth: logits[truth]! / sum };
}

/** How far a probability that float32 cannot tell from 0 counts. */
const LEAST_PROBABILITY = 1e-30;

export function judgeAnswers(answers: readonly HeadAnswer[]): HeadJudgement {
  let loss = 0;
  let right = 0;
  for (const { truth, answer, ofTruth } of answers) {
    loss -= Math.log(Math.max(ofTruth, LEAST_PROBABILITY)) / answers.length;
    if (truth === answer) right++;
  }
  return { loss, accuracy: right / answers.length };
}

export function judgeHead(head: TrainedWeights, data: HeadData): HeadJudgement {
  return judgeAnswers(answersOf(head, data));
}

/** Counts [classes, classes]: rows are true classes, columns answers. */
export function confusionOf(answers: readonly HeadAnswer[], classes: number): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  for (const { truth, answer } of answers) counts[truth * classes + answer]!++;
  return counts;
}

/** A probability below which an answer is taken for none of the classes. */
export type Threshold = {
  readonly value: number;
  /** Share of the right answers that stay above it, and of the wrong ones that fall below. */
  readonly keeps: number;
  readonly catches: number;
};

/** The threshold that keeps a share `keep` of the right answers; 0 where none is right. */
export function calibrateThreshold(answers: readonly HeadAnswer[], keep: number): Threshold {
  const right = answers.filter(({ truth, answer }) => truth === answer).map(({ probability }) => probability);
  const wrong = answers.filter(({ truth, answer }) => truth !== answer);
  right.sort((a, b) => a - b);
  // Rounded down, so that what is stated keeps what it was chosen for.
  const value = Math.floor((right[Math.floor((1 - keep) * right.length)] ?? 0) * 1e4) / 1e4;
  const above = right.filter((probability) => probability >= value).length;
  const below = wrong.filter(({ probability }) => probability < value).length;
  return { value, keeps: right.length === 0 ? 1 : above / right.length, catches: below / Math.max(1, wrong.length) };
}
