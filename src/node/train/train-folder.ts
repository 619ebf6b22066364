import { rmSync } from 'node:fs';
import type { Graph } from '../../../converter/graph/graph.ts';
import type { Architecture } from '../../../converter/resnet/architecture.ts';
import { buildGraph } from '../../../converter/resnet/build.ts';
import { expectFamily } from '../../../converter/train/architecture.ts';
import type { Tensors } from '../../../converter/train/tensors.ts';
import { expectWritable, removePartials } from '../write-whole.ts';
import { pictureBatches } from './batches.ts';
import { withCheckpoint, writeCheckpoint } from './checkpoint-file.ts';
import { expectEnough } from './list-classes.ts';
import { measureAccuracy } from './measure-accuracy.ts';
import { type PreparedTraining, prepareTraining } from './prepare-training.ts';
import { initialState, trainGraph } from './train-graph.ts';
import type { Beginning, TrainFolderOptions } from './train-options.ts';
import type { TrainingEnd, TrainingState } from './types.ts';
import { writeTrained } from './write-trained.ts';

/** `bytes` of the weights file, which is written at the end alone. */
export type TrainedFolder = { readonly end: TrainingEnd; readonly beginning?: Beginning; readonly bytes?: number };

/**
 * Trains a network from scratch on a folder of class folders, and writes its weights as safetensors under torchvision's names. After every
 * epoch a checkpoint replaces the last one; at the end the weights take its place. The same arguments lead to the same bytes, however
 * often the training was ended in between.
 */
export async function trainFolder(options: TrainFolderOptions): Promise<TrainedFolder> {
  expectFamily(options.arch);
  expectWritable(options.output, [options.checkpoint]);
  expectWritable(options.checkpoint, [options.output]);
  return await withCheckpoint(options.checkpoint, async () => {
    for (const path of [options.checkpoint, options.output]) removePartials(path);
    return await trainAlone(options);
  });
}

async function trainAlone(options: TrainFolderOptions): Promise<TrainedFolder> {
  const { recipe, signal } = options;
  const prepared = await prepareTraining(options);
  const { architecture, identity, preprocessing, weights, momentum, records, learning, judging } = prepared;
  if (signal?.aborted) return { end: { kind: 'stopped', records, epoch: records.length + 1, step: 1 } };
  expectEnough(options.data, { labels: identity.labels, pictures: learning.pictures }, 'readable');
  const trainable = new Set([...weights.keys()].filter((name) => !/\.running_(mean|var)$/.test(name)));
  const beginning = beginningOf(prepared, trainable);
  options.onBegin?.(beginning);

  const graph = graphOf(architecture, weights, identity.inputSize);
  const network = { graph, trainable, norms: 'live' } as const;
  const state = { ...initialState(graph, network), momentum, records };
  const trained = (): Tensors => withValues(weights, state.weights);
  const end = await trainGraph({
    ...{ ...network, state, threads: options.threads },
    source: pictureBatches(learning, identity.labels.length, preprocessing, recipe),
    ...{ epochs: recipe.epochs, schedule: recipe.schedule },
    sgd: recipe,
    onEpoch: async (record, { records: before }) => {
      const kept =
        judging.pictures.length > 0
          ? { ...record, validation: await measureAccuracy(graph, state.weights, judging, preprocessing) }
          : record;
      writeCheckpoint(options.checkpoint, { weights: trained(), momentum, records: [...before, kept] }, identity);
      options.onEpoch?.(kept);
      return kept;
    },
    ...(options.onStep ? { onStep: options.onStep } : {}),
    ...(signal ? { signal } : {}),
  });
  if (end.kind !== 'done') return { end, beginning };
  const bytes = writeTrained(options.output, trained(), { ...identity, preprocessing, records: end.records });
  rmSync(options.checkpoint, { force: true });
  return { end, beginning, bytes };
}

function beginningOf(
  { architecture, identity, weights, records, learning, judging }: PreparedTraining,
  trainable: ReadonlySet<string>,
): Beginning {
  const skipped = [...learning.skipped, ...judging.skipped];
  const [pictures, validation] = [learning.pictures.length, judging.pictures.length];
  let parameters = 0;
  for (const name of trainable) parameters += weights.get(name)?.data.length ?? 0;
  return {
    ...{ architecture, labels: identity.labels, parameters, records },
    ...{ pictures, validation, skipped, listed: pictures + validation + skipped.length },
  };
}

function graphOf(architecture: Architecture, weights: Tensors, inputSize: number): Graph {
  const stored = new Map(
    [...weights].map(([name, { dims, data }]) => [name, { dtype: 'F32', dims, read: () => data }] as const),
  );
  return buildGraph(architecture, stored, inputSize);
}

/** Tensors of the same names and shapes with the values of a training. */
function withValues(weights: Tensors, values: TrainingState['weights']): Tensors {
  return new Map([...weights].map(([name, { dims, data }]) => [name, { dims, data: values.get(name) ?? data }]));
}
