import { graphHead } from '../../../converter/head/graph-head.ts';
import { type FeatureMemory, formatMemory } from '../../../converter/head/memory.ts';
import { describedModel } from '../../../converter/head/taught-model.ts';
import type { PictureAnswer } from '../../../converter/train/head-folds.ts';
import { answerOf, confusionOf } from '../../../converter/train/head-judge.ts';
import { learnedFrom } from '../../../converter/train/learned-from.ts';
import { toInput } from '../../image/to-input.ts';
import { streamModel } from '../../onnx/encode.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { type BaseModel, readBase } from '../learn/base-model.ts';
import { type Example, exampleOfFile } from '../learn/example.ts';
import { extractFeatures } from '../learn/extract-features.ts';
import type { FeatureCache } from '../learn/feature-cache.ts';
import { withFeatures, withModel } from '../learn/feature-session.ts';
import { memoryOf, WORST } from '../learn/finish.ts';
import type { Taught } from '../learn/types.ts';
import type { ConvertedFile } from '../model/converted-file.ts';
import { countsOf } from '../train/list-classes.ts';
import { writeWhole } from '../write-whole.ts';
import { lowerRate, recipeText } from './describe-recipe.ts';
import type { TunableBase } from './open-base.ts';
import type { Lesson } from './read-lesson.ts';
import type { TunedNetwork } from './tune-network.ts';
import type { FinetuneOptions } from './types.ts';

export type TunedParts = {
  readonly base: TunableBase;
  readonly lesson: Lesson;
  readonly tuned: TunedNetwork;
  readonly converted: ConvertedFile;
  /** Of the converted model. */
  readonly path: string;
  readonly started: number;
};

/** Features of pictures that are asked for once are not kept. */
const NO_CACHE: FeatureCache = { get: () => undefined, set: () => undefined, save: () => undefined };
/** Log probabilities of a softmax that has been taken stay finite. */
const LEAST_PROBABILITY = 1e-30;

/** Judges a converted model on the pictures kept apart, and writes it with what it knows of its classes. */
export async function finishTuned(parts: TunedParts, options: FinetuneOptions): Promise<Taught> {
  const { base, lesson, tuned, converted, path, started } = parts;
  const { labels, learning, judging } = lesson;
  const { output, recipe, onProgress } = options;
  // By the name that it will have, so that what it says of itself is not of a temporary file.
  const made: BaseModel = { ...readBase(path), path: base.path, bytes: base.bytes, sha256: base.sha256 };
  const { answers, provider } = await answersOf(made, lesson, options);
  const pictures = countsOf(labels.length, [...learning.pictures, ...judging.pictures]);
  const words = recipeText(lesson, tuned, converted, options);
  const memory = await rememberedBy(made, lesson, options);
  const { seed } = recipe;
  const { learned, threshold } = learnedFrom(answers, { base: base.sha256, pictures, seed, recipe: words });
  const { accuracy } = learned;
  const model = describedModel(made, { labels, learned, memory });
  const bytes = writeWhole(output, streamModel(model));
  onProgress?.('verify', 1, 1);
  const { weights, bias } = graphHead(tuned.graph);
  const { kept } = tuned;
  const curve = kept.records.map(({ loss, learningRate }, i) => ({
    loss,
    learningRate,
    validation: kept.scores[i + 1]!,
  }));
  const ended = kept.ended === 'stopped' ? 'early' : kept.ended;
  const { judgement } = converted.conversion.int8!;
  return {
    ...{ base: made, labels, pictures, accuracy, threshold, bytes, provider, recipe: words },
    validated: {
      head: { weights, bias, curve, epochs: kept.epoch, ended },
      ...{ answers, curve, folds: 1, stable: kept.ended !== 'diverged' && !converted.learnt?.warnings.length },
    },
    confusion: confusionOf(answers, labels.length),
    variants: 0,
    verified: judgement,
    memoryBytes: memory === undefined ? 0 : formatMemory(memory).length,
    skipped: lesson.skipped,
    listed: lesson.listed,
    cached: 0,
    warnings: [
      ...base.network.warnings,
      ...diverged(tuned, recipe.schedule.peak),
      ...(converted.learnt?.warnings ?? []),
    ],
    worst: worstOf(answers, lesson, made),
    tuned: {
      depth: options.depth,
      head: lesson.own ? 'kept' : 'new',
      parameters: tuned.parameters,
      ...{ epochs: kept.epoch, of: kept.records.length, batch: tuned.batch, microBatch: tuned.microBatch },
      before: kept.scores[0]?.accuracy ?? 0,
      after: kept.scores[kept.epoch]?.accuracy ?? 0,
      judged: judging.pictures.length,
      ...(converted.conversion.int8?.quantizeAware ? { quantizeAware: converted.conversion.int8.quantizeAware } : {}),
    },
    ms: performance.now() - started,
  };
}

function diverged({ kept }: TunedNetwork, peak: number): readonly string[] {
  const { end, epoch } = kept;
  if (end.kind !== 'diverged') return [];
  const state = epoch === 0 ? 'the network as it was before it' : `the network after epoch ${epoch}`;
  return [
    `the loss became NaN in step ${end.step} of epoch ${end.epoch}: stopped, ${state} was kept; a lower --lr helps, as ${lowerRate(peak)}`,
  ];
}

/** What the model itself, as it runs here, says of the pictures kept apart. */
async function answersOf(
  made: BaseModel,
  { judging }: Lesson,
  { open, onProgress }: FinetuneOptions,
): Promise<{ readonly answers: readonly PictureAnswer[]; readonly provider: string }> {
  return await withModel(made.model, made.path, open, async ({ session, metadata, choice }) => {
    const { preprocessing } = metadata;
    const answers: PictureAnswer[] = [];
    for (const [picture, { index }] of judging.pictures.entries()) {
      onProgress?.('verify', picture, judging.pictures.length);
      const side = preprocessing.inputSize;
      const pixels = { width: side, height: side, data: await judging.pixels(picture) };
      const { data } = await scoresOf(session, toInput(pixels, preprocessing));
      const logits =
        metadata.output === 'logits' ? data.slice() : data.map((p) => Math.log(Math.max(p, LEAST_PROBABILITY)));
      answers.push({ ...answerOf(logits, index), picture });
    }
    return { answers, provider: choice.provider };
  });
}

/** Features that the model grows by; undefined where the classes are too many. */
async function rememberedBy(
  made: BaseModel,
  { labels, learning, judging }: Lesson,
  { open, recipe, onProgress, signal }: FinetuneOptions,
): Promise<FeatureMemory | undefined> {
  const pictures = [...learning.pictures, ...judging.pictures];
  const examples = pictures.map((picture) => exampleOfFile(picture, made.metadata.preprocessing));
  const variation = { count: 0, seed: recipe.seed };
  const { taken } = await withFeatures(made, open, (model) =>
    extractFeatures(model, made.head.features, examples, variation, NO_CACHE, {
      onProgress: (done) => onProgress?.('remember', done, examples.length),
      ...(signal ? { signal } : {}),
    }),
  );
  const shown = taken.map(({ example, features }) => ({ rows: features, index: example.index }));
  return memoryOf(made, shown, labels.length, recipe.seed);
}

function worstOf(
  answers: readonly PictureAnswer[],
  { judging }: Lesson,
  { metadata }: BaseModel,
): readonly (PictureAnswer & { readonly example: Example })[] {
  return answers
    .filter(({ truth, answer }) => truth !== answer)
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, WORST)
    .map((answer) => ({
      ...answer,
      example: exampleOfFile(judging.pictures[answer.picture]!, metadata.preprocessing),
    }));
}
