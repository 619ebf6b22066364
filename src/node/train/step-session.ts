import { TRAINING_RUN } from '../../../converter/autodiff/run-options.ts';
import { trainingGraph } from '../../../converter/autodiff/training-graph.ts';
import type { MovingStatistics, TrainingRecipe } from '../../../converter/autodiff/types.ts';
import type { Graph } from '../../../converter/graph/graph.ts';
import { floats } from '../../../converter/runner.ts';
import { concat } from '../../onnx/encode.ts';
import type { Feeds, ModelSource, Session } from '../../runtime/types.ts';
import { float32 } from '../../tensor/tensor.ts';
import { isInstalled } from '../backend/installed.ts';
import { stageModel } from '../backend/model-files.ts';
import type { OpenOptions } from '../backend/options.ts';
import { openInWorker } from '../backend/worker-session.ts';
import { packageProducer } from '../package.ts';

/** What one run of a training graph computed, float32. */
export type StepOutputs = {
  readonly loss: number;
  /** [batch, classes]. */
  readonly logits: Float32Array;
  /** Of every parameter, under its name. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** A value of `statistics` by its name. */
  readonly output: (name: string) => Float32Array;
};

/** A training graph, opened in a worker thread. */
export type StepSession = {
  readonly statistics: readonly MovingStatistics[];
  /** Nothing that is passed is changed; all of it may be once the promise settles. */
  readonly run: (
    parameters: ReadonlyMap<string, Float32Array>,
    input: Float32Array,
    targets: Float32Array,
  ) => Promise<StepOutputs>;
  readonly close: () => Promise<void>;
};

function optionsOf(provider: 'cpu' | 'wasm', threads: number): OpenOptions {
  return { provider, threads, exactAccumulators: false, ...TRAINING_RUN };
}

/** Opens the training graph of `graph` natively where that is installed, else in WebAssembly. `threads`: 0 for all. */
export async function openSteps(graph: Graph, recipe: TrainingRecipe, threads: number): Promise<StepSession> {
  const { parameters, statistics, encode } = trainingGraph(graph, recipe);
  const session = await openModel(encode(packageProducer()), threads);
  const inputName = graph.inputs[0]?.name ?? 'input';
  const inputDims = [recipe.batch, ...(graph.inputs[0]?.dims.slice(1).map(Number) ?? [])];
  const run: StepSession['run'] = async (values, input, targets) => {
    const fed: Feeds = {
      [inputName]: float32(inputDims, input),
      targets: float32([recipe.batch, targets.length / recipe.batch], targets),
      ...Object.fromEntries(parameters.map(({ name, dims }) => [name, float32(dims, values.get(name)!)])),
    };
    const { outputs } = await session.run(fed);
    return {
      loss: floats(outputs, 'loss')[0]!,
      logits: floats(outputs, 'logits'),
      gradients: new Map(parameters.map(({ name, gradient }) => [name, floats(outputs, gradient)])),
      output: (name) => floats(outputs, name),
    };
  };
  return { statistics, run, close: session.close };
}

async function openModel(chunks: Iterable<Uint8Array>, threads: number): Promise<Session> {
  const open = (library: 'onnxruntime-node' | 'onnxruntime-web', source: ModelSource): Promise<Session> =>
    openInWorker(library, source, optionsOf(library === 'onnxruntime-node' ? 'cpu' : 'wasm', threads), {
      replace: false,
    });
  if (!isInstalled('onnxruntime-node').available) {
    return await open('onnxruntime-web', { kind: 'bytes', bytes: concat(chunks) });
  }
  const { source, remove } = stageModel(chunks);
  try {
    return await open('onnxruntime-node', source);
  } finally {
    remove();
  }
}
