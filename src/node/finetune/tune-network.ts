import type { Graph } from '../../../converter/graph/graph.ts';
import { featuresOf, withHead } from '../../../converter/head/graph-head.ts';
import type { Augmentation } from '../../../converter/train/augment.ts';
import { trainHead } from '../../../converter/train/head.ts';
import { answerOf, type HeadAnswer, judgeAnswers } from '../../../converter/train/head-judge.ts';
import { microBatchWithin } from '../../../converter/train/micro-batch.ts';
import { tunedRates } from '../../../converter/train/stages.ts';
import { balancedWeights } from '../../../converter/train/targets.ts';
import { withWeights } from '../../../converter/train/tensors.ts';
import { ResedgeError } from '../../errors.ts';
import { about } from '../model/about.ts';
import { pictureBatches } from '../train/batches.ts';
import { type Kept, trainKeepingBest } from '../train/keep-best.ts';
import { countsOf } from '../train/list-classes.ts';
import type { LoadedPictures } from '../train/load-pictures.ts';
import { outputsOn } from '../train/measure-accuracy.ts';
import { initialState } from '../train/train-graph.ts';
import type { TunableBase } from './open-base.ts';
import type { Lesson } from './read-lesson.ts';
import type { FinetuneOptions } from './types.ts';

/** Up to this size pictures are moved and mirrored; larger ones are cut, mirrored and lit differently. */
const SMALL = 64;
const MOVED: Augmentation = { shift: 4, flip: true };
const CUT: Augmentation = {
  resizedCrop: { area: [0.35, 1], ratio: [3 / 4, 4 / 3] },
  flip: true,
  colour: { brightness: 0.2, contrast: 0.2, saturation: 0.2 },
};

export type TunedNetwork = {
  readonly graph: Graph;
  readonly kept: Kept;
  /** Parameters that were tuned, and how many values they are. */
  readonly parameters: number;
  /** Pictures of a step, and of them those that ran at a time. */
  readonly batch: number;
  readonly microBatch: number;
};

/**
 * Trains a head for the lesson's classes on the features as they are, where they are not the network's own, then
 * everything behind the depth asked for. What did best on the pictures kept apart is kept.
 */
export async function tuneNetwork(
  base: TunableBase,
  lesson: Lesson,
  memory: number,
  options: FinetuneOptions,
): Promise<TunedNetwork> {
  const { recipe, depth, patience, onProgress, signal } = options;
  const { labels, learning, judging } = lesson;
  const begun = lesson.own ? base.graph : await withNewHead(base, lesson, options);
  const rates = tunedRates(begun, depth);
  const network = { graph: begun, trainable: new Set(rates.keys()), norms: 'frozen' } as const;
  const counts = countsOf(labels.length, learning.pictures);
  const classWeights = balancedWeights(counts).map((weight) => weight ** options.head.balance);
  const augmentation = base.preprocessing.inputSize <= SMALL ? MOVED : CUT;
  const changed = { ...recipe, augmentation, classWeights };
  const source = pictureBatches(learning, labels.length, base.preprocessing, changed);
  const microBatch = about(base.path, () => microBatchWithin(begun, { ...network, batch: source.batch }, memory));
  const state = initialState(begun, network);
  const judge = async (weights: ReadonlyMap<string, Float32Array>) =>
    judgeAnswers(await answersOn(withWeights(begun, weights), judging, base));
  const steps = recipe.epochs * source.steps;
  const kept = await trainKeepingBest(
    {
      ...{ ...network, source, microBatch, state, epochs: recipe.epochs, schedule: recipe.schedule },
      threads: options.open.threads ?? 0,
      sgd: {
        ...recipe,
        scale: (name) => rates.get(name) ?? 1,
      },
      onStep: ({ epoch, step }) => onProgress?.('tune', (epoch - 1) * source.steps + step, steps),
      ...(signal ? { signal } : {}),
    },
    { judge, patience, noFewerRight: true },
  );
  if (kept.ended === 'stopped') throw new ResedgeError('io', 'stopped: no model was written');
  let parameters = 0;
  for (const values of state.weights.values()) parameters += values.length;
  return { graph: withWeights(begun, kept.weights), kept, parameters, batch: source.batch, microBatch };
}

async function withNewHead(base: TunableBase, lesson: Lesson, options: FinetuneOptions): Promise<Graph> {
  const { graph, head, preprocessing } = base;
  const { learning, judging, labels } = lesson;
  const features = featuresOf(graph, head);
  const total = learning.pictures.length + judging.pictures.length;
  const dataOf = async (part: LoadedPictures, from: number) => ({
    features: await outputsOn(features, part, preprocessing, (done) =>
      options.onProgress?.('features', from + done, total),
    ),
    labels: Int32Array.from(part.pictures, ({ index }) => index),
    width: head.width,
  });
  const seen = await dataOf(learning, 0);
  const trained = trainHead(seen, labels.length, options.head, await dataOf(judging, learning.pictures.length));
  return withHead(graph, head, trained);
}

/** What a graph that ends in logits answers on pictures, in their order. */
export async function answersOn(
  graph: Graph,
  pictures: LoadedPictures,
  { preprocessing }: TunableBase,
): Promise<readonly HeadAnswer[]> {
  const logits = await outputsOn(graph, pictures, preprocessing);
  const classes = logits.length / pictures.pictures.length;
  return pictures.pictures.map(({ index }, row) => answerOf(logits.slice(row * classes, (row + 1) * classes), index));
}
