import { type PictureFeatures, type ValidatedHead, validateHead } from '../../../converter/train/head-folds.ts';
import { judgeAnswers } from '../../../converter/train/head-judge.ts';
import type { HeadRecipe } from '../../../converter/train/head-recipe.ts';
import { ResedgeError } from '../../errors.ts';

/** Rows of features [n, width] of one picture, the picture itself first, and its class. */
export type ShownPicture = { readonly rows: Float32Array; readonly index: number };

export type ChosenHead = {
  readonly validated: ValidatedHead;
  readonly data: PictureFeatures;
  /** Whether the variants were trained on. */
  readonly varied: boolean;
};

/**
 * Trains a head with the pictures' variants and without, and takes what does better on pictures that it has not seen. Throws `input` where
 * no epoch ended with a finite loss.
 */
export function trainOn(
  shown: readonly ShownPicture[],
  width: number,
  classes: number,
  recipe: HeadRecipe,
): ChosenHead {
  const plain = gather(shown, width, false);
  const alone = { validated: validateHead(plain, classes, recipe), data: plain, varied: false };
  const chosen = shown.every(({ rows }) => rows.length === width) ? alone : better(alone, varied());
  if (chosen.validated.head.epochs > 0) return chosen;
  throw new ResedgeError(
    'input',
    `expected a finite loss, it became NaN in the first epoch: no model was written; give a lower --lr, as ${lowerRate(recipe)}`,
  );

  function varied(): ChosenHead {
    const data = gather(shown, width, true);
    return { validated: validateHead(data, classes, recipe), data, varied: true };
  }
}

/** The rate to try after one that was too high. */
export function lowerRate({ schedule }: HeadRecipe): number {
  return Math.min(Number((schedule.peak / 10).toPrecision(1)), 0.01);
}

function better(a: ChosenHead, b: ChosenHead): ChosenHead {
  return judgeAnswers(b.validated.answers).loss < judgeAnswers(a.validated.answers).loss ? b : a;
}

function gather(shown: readonly ShownPicture[], width: number, variants: boolean): PictureFeatures {
  const taken = shown.map(({ rows }) => (variants ? rows : rows.subarray(0, width)));
  const starts = new Int32Array(taken.length + 1);
  for (const [i, rows] of taken.entries()) starts[i + 1] = starts[i]! + rows.length / width;
  const features = new Float32Array(starts[taken.length]! * width);
  for (const [i, rows] of taken.entries()) features.set(rows, starts[i]! * width);
  return { width, features, labels: Int32Array.from(shown, ({ index }) => index), starts };
}
