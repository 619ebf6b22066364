import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { Graph } from './graph/graph.ts';
import { modelInput, normalised, probePicture } from './probe.ts';
import { floats, type ModelRunner, type RunningModel } from './runner.ts';

const SEED = 1;

/**
 * Logits of the network as trained, node by node with nothing fused, on the normalised probe picture: what every other form of it
 * is held against. Throws `input` where they are not finite.
 */
export async function logitsAsTrained(
  trained: Graph,
  preprocessing: Preprocessing,
  producer: Producer,
  run: ModelRunner,
): Promise<Float32Array> {
  const [logits = ''] = trained.outputs;
  const session = await run(encodeGraph(trained, { producer }), { optimize: false });
  try {
    const picture = probePicture(preprocessing.inputSize, SEED);
    const found = floats(await session.run({ input: normalised(picture, preprocessing) }, [logits]), logits);
    if (found.every(Number.isFinite)) return found;
    throw new ResedgeError(
      'input',
      `expected finite activations, found NaN or infinity in ${logits} on a generated picture; check the weights and --mean, --std, --scale`,
    );
  } finally {
    await session.close();
  }
}

/** Largest difference of a logit between a running model on the same probe picture, fed its own way, and `expected`. */
export async function largestError(
  model: RunningModel,
  logits: string,
  preprocessing: Preprocessing,
  expected: Float32Array,
): Promise<number> {
  const input = modelInput(probePicture(preprocessing.inputSize, SEED), preprocessing);
  const found = floats(await model.run({ input }, [logits]), logits);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - found[i]!)), 0);
}
