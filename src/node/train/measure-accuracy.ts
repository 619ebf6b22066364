import { encodeGraph } from '../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../converter/graph/graph.ts';
import { floats } from '../../../converter/runner.ts';
import { withWeights } from '../../../converter/train/tensors.ts';
import { normalise } from '../../tensor/normalise.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { float32 } from '../../tensor/tensor.ts';
import { runModel } from '../backend/runner.ts';
import { packageProducer } from '../package.ts';
import type { LoadedPictures } from './load-pictures.ts';
import { rightAnswers } from './train-epoch.ts';

/** Pixels of the pictures of one run. */
const RUN_PIXELS = 2 ** 17;

/** The one output of a graph for every picture, [pictures, width]. */
export async function outputsOn(
  graph: Graph,
  { pictures, pixels }: LoadedPictures,
  preprocessing: Preprocessing,
  onPicture?: (done: number) => void,
): Promise<Float32Array> {
  const { inputSize: size } = preprocessing;
  const length = size * size * 3;
  const most = Math.max(1, Math.floor(RUN_PIXELS / size ** 2));
  const model = await runModel(encodeGraph(graph, { producer: packageProducer() }), { optimize: true });
  const [output = ''] = graph.outputs;
  const dims = graph.inputs[0]?.dims.slice(1).map(Number) ?? [];
  let all = new Float32Array();
  try {
    for (let from = 0; from < pictures.length; from += most) {
      const count = Math.min(most, pictures.length - from);
      const input = new Float32Array(count * length);
      for (let i = 0; i < count; i++) normalise(await pixels(from + i), preprocessing, input, i * length);
      const found = floats(await model.run({ input: float32([count, ...dims], input) }, [output]), output);
      const width = found.length / count;
      if (from === 0) all = new Float32Array(pictures.length * width);
      all.set(found, from * width);
      onPicture?.(from + count);
    }
  } finally {
    await model.close();
  }
  return all;
}

/** The share of pictures that a graph with these weights answers rightly, its norms using what they have learnt. */
export async function measureAccuracy(
  graph: Graph,
  weights: ReadonlyMap<string, Float32Array>,
  judging: LoadedPictures,
  preprocessing: Preprocessing,
): Promise<number> {
  const labels = judging.pictures.map(({ index }) => index);
  const logits = await outputsOn(withWeights(graph, weights), judging, preprocessing);
  return rightAnswers(logits, labels, 0, labels.length) / labels.length;
}
