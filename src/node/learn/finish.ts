import { type FeatureMemory, formatMemory, rememberedPerClass } from '../../../converter/head/memory.ts';
import { rememberFor } from '../../../converter/head/remember-for.ts';
import { taughtModel } from '../../../converter/head/taught-model.ts';
import { confusionOf } from '../../../converter/train/head-judge.ts';
import { describeRecipe, type HeadRecipe } from '../../../converter/train/head-recipe.ts';
import { learnedFrom } from '../../../converter/train/learned-from.ts';
import { streamModel } from '../../onnx/encode.ts';
import { sample } from '../model/sample.ts';
import { writeWhole } from '../write-whole.ts';
import type { BaseModel } from './base-model.ts';
import type { Example } from './example.ts';
import { stopped } from './extract-features.ts';
import type { Shown } from './show-examples.ts';
import { verifyTaught } from './teach.ts';
import { type ChosenHead, lowerRate, type ShownPicture } from './train-head.ts';
import type { Taught, TeachOptions } from './types.ts';

/** Pictures that the written model is run on. */
const VERIFIED = 64;
/** Wrong answers kept to be looked at. */
export const WORST = 12;

export type Finished = Pick<Taught, 'base' | 'labels' | 'pictures'> & {
  readonly chosen: ChosenHead;
  readonly shown: readonly ShownPicture[];
  readonly extracted: Shown;
  /** The picture that an answer was given on; undefined for a remembered one. */
  readonly exampleOf: (picture: number) => Example | undefined;
  readonly listed: number;
  readonly started: number;
};

/** Stores a trained head in its model, runs that, and writes it. */
export async function finish(from: Finished, options: TeachOptions): Promise<Taught> {
  const { base, labels, pictures, chosen, shown, extracted, started } = from;
  const { recipe, augment, output, open, onProgress } = options;
  const { validated, data } = chosen;
  const { answers, head } = validated;
  const variants = chosen.varied ? augment : 0;
  const words = describeRecipe(recipe, head.epochs, variants);
  const memory = memoryOf(base, shown, labels.length, recipe.seed);
  const { seed } = recipe;
  const { learned, threshold } = learnedFrom(answers, { base: base.sha256, pictures, seed, recipe: words });
  const { accuracy } = learned;
  const model = taughtModel(base, { head, labels, learned, memory, seen: data.features });
  const checked = sample(extracted.taken, VERIFIED, recipe.seed);
  if (options.signal?.aborted) throw stopped();
  onProgress?.('verify', 0, checked.length);
  const verified = await verifyTaught(model, base, head, checked, open);
  const bytes = writeWhole(output, streamModel(model));
  const worst = answers
    .filter(({ truth, answer }) => truth !== answer)
    .toSorted((a, b) => b.probability - a.probability)
    .flatMap((answer) => {
      const example = from.exampleOf(answer.picture);
      return example ? [{ ...answer, example }] : [];
    });
  return {
    ...{ base, labels, pictures, validated, accuracy, threshold, variants, verified, bytes },
    confusion: confusionOf(answers, labels.length),
    recipe: words,
    memoryBytes: memory === undefined ? 0 : formatMemory(memory).length,
    skipped: extracted.skipped,
    listed: from.listed,
    cached: extracted.cached,
    provider: extracted.provider,
    warnings: [...unstable(validated.stable, recipe), ...forgetful(memory, labels.length)],
    worst: worst.slice(0, WORST),
    ms: performance.now() - started,
  };
}

function unstable(stable: boolean, recipe: HeadRecipe): readonly string[] {
  if (stable) return [];
  return [`the loss became NaN: stopped, the last good head was kept; a lower --lr helps, as ${lowerRate(recipe)}`];
}

function forgetful(memory: FeatureMemory | undefined, classes: number): readonly string[] {
  if (memory !== undefined) return [];
  return [`${classes} classes are too many for their features to be kept: the model cannot grow by --add`];
}

/** Features that the model keeps of every class: those of pictures themselves, a seeded sample where they are many. */
export function memoryOf(
  { head }: BaseModel,
  shown: readonly ShownPicture[],
  classes: number,
  seed: number,
): FeatureMemory | undefined {
  const width = head.features;
  const most = rememberedPerClass(classes, width);
  if (most === 0) return undefined;
  const rows = Array.from({ length: classes }, (_, index) => {
    const own = sample(
      shown.filter((picture) => picture.index === index),
      most,
      seed,
    );
    const out = new Float32Array(own.length * width);
    for (const [i, picture] of own.entries()) out.set(picture.rows.subarray(0, width), i * width);
    return out;
  });
  return rememberFor(head, rows);
}
