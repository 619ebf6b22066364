import type { Learned } from '../../src/onnx/learned.ts';
import { calibrateThreshold, type HeadAnswer, judgeAnswers, type Threshold } from './head-judge.ts';

/** Share of the right answers that a threshold keeps. */
const KEEP = 0.95;

/** What a model says of how it was taught, once its answers are known; `threshold` tells more of the one in there. */
export function learnedFrom(
  answers: readonly HeadAnswer[],
  given: Omit<Learned, 'accuracy' | 'threshold'>,
): { readonly learned: Learned; readonly threshold: Threshold } {
  const { accuracy } = judgeAnswers(answers);
  const threshold = calibrateThreshold(answers, KEEP);
  return { learned: { ...given, accuracy, threshold: threshold.value }, threshold };
}
