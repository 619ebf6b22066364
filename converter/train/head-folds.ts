import { type HeadEpoch, type TrainedHead, trainHead } from './head.ts';
import type { HeadData } from './head-features.ts';
import { answersOf, type HeadAnswer } from './head-judge.ts';
import type { HeadRecipe } from './head-recipe.ts';
import { shuffled, streamAt } from './stream.ts';

/** Features of pictures: the first row of each picture is the picture itself, the others are variants of it. */
export type PictureFeatures = {
  readonly width: number;
  /** [rows, width]. */
  readonly features: Float32Array;
  /** The class of each picture. */
  readonly labels: Int32Array;
  /** The first row of each picture, and the number of rows at the end. */
  readonly starts: Int32Array;
};

/** An answer on a picture that the head had not seen. */
export type PictureAnswer = HeadAnswer & { readonly picture: number };

export type ValidatedHead = {
  /** Trained on all pictures. */
  readonly head: TrainedHead;
  /** Of heads that were trained without the picture; in the order of the pictures. */
  readonly answers: readonly PictureAnswer[];
  /** Means over the folds, as far as the shortest went. */
  readonly curve: readonly HeadEpoch[];
  readonly folds: number;
  /** True where every loss stayed finite. */
  readonly stable: boolean;
};

const FOLDS = 5;
/** Multiplications above which one fold alone is judged. */
const QUICK = 2e9;

/**
 * Trains a head and judges it by cross-validation, stratified and seeded: each fold's pictures are answered by a head that was trained
 * on the others. The head that is handed out is trained on all pictures, as long as the folds were at their best. Large data is judged
 * on one fold.
 */
export function validateHead(data: PictureFeatures, classes: number, recipe: HeadRecipe): ValidatedHead {
  const fold = foldsOf(data.labels, classes, recipe.seed);
  // The last ones are empty where no class has as many pictures.
  const dealt = fold.reduce((most, held) => Math.max(most, held + 1), 0);
  const work = data.features.length * classes * recipe.epochs * 2;
  const folds = work * dealt > QUICK ? 1 : dealt;
  const answers: PictureAnswer[] = [];
  const trained: TrainedHead[] = [];
  for (let held = 0; held < folds; held++) {
    const [seen, unseen] = [picturesWhere(fold, (f) => f !== held), picturesWhere(fold, (f) => f === held)];
    const validation = rowsOf(data, unseen, false);
    const head = trainHead(rowsOf(data, seen, true), classes, recipe, validation);
    trained.push(head);
    for (const [i, answer] of answersOf(head, validation).entries()) answers.push({ ...answer, picture: unseen[i]! });
  }
  const epochs = median(trained.map((head) => head.epochs));
  const whole = trainHead(
    rowsOf(
      data,
      picturesWhere(fold, () => true),
      true,
    ),
    classes,
    recipe,
    undefined,
    epochs,
  );
  return {
    head: whole,
    answers: answers.sort((a, b) => a.picture - b.picture),
    curve: meanCurve(trained.map(({ curve }) => curve)),
    folds,
    stable: [...trained, whole].every(({ ended }) => ended !== 'diverged'),
  };
}

/** The fold of each picture: every class is dealt out evenly, so that none is missing where others learn. */
export function foldsOf(labels: Int32Array, classes: number, seed: number): Int32Array {
  const fold = new Int32Array(labels.length);
  const dealt = new Int32Array(classes);
  for (const picture of shuffled(labels.length, streamAt(seed, 1))) {
    fold[picture] = dealt[labels[picture]!]!++ % FOLDS;
  }
  return fold;
}

function picturesWhere(fold: Int32Array, wanted: (fold: number) => boolean): readonly number[] {
  return Array.from(fold, (_, picture) => picture).filter((picture) => wanted(fold[picture]!));
}

/** The rows of some pictures, with their variants or without. */
export function rowsOf(
  { features, labels, starts, width }: PictureFeatures,
  pictures: readonly number[],
  variants: boolean,
): HeadData {
  const rows = pictures.flatMap((picture) => {
    const [from, to] = [starts[picture]!, variants ? starts[picture + 1]! : starts[picture]! + 1];
    return Array.from({ length: to - from }, (_, i) => ({ row: from + i, label: labels[picture]! }));
  });
  const out = new Float32Array(rows.length * width);
  for (const [i, { row }] of rows.entries()) out.set(features.subarray(row * width, (row + 1) * width), i * width);
  return { features: out, labels: Int32Array.from(rows, ({ label }) => label), width };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function meanCurve(curves: readonly (readonly HeadEpoch[])[]): readonly HeadEpoch[] {
  const length = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, epoch) => {
    const at = curves.map((curve) => curve[epoch]!);
    const mean = (of: (epoch: HeadEpoch) => number): number => at.reduce((sum, e) => sum + of(e), 0) / at.length;
    return {
      loss: mean(({ loss }) => loss),
      learningRate: at[0]!.learningRate,
      validation: {
        loss: mean(({ validation }) => validation?.loss ?? 0),
        accuracy: mean(({ validation }) => validation?.accuracy ?? 0),
      },
    };
  });
}
