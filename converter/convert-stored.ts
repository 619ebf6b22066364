import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { generatedPictures, picturesToJudge } from './calibrate.ts';
import type { HalfOptions } from './convert-half.ts';
import type { Producer } from './exchange/encode-graph.ts';
import { referenceOn } from './fidelity.ts';
import type { FloatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { judgeOn, type Verdict } from './judge.ts';
import type { Network } from './network.ts';
import type { SchemeName } from './quantize/scheme.ts';
import type { ModelRunner } from './runner.ts';

/** What a source that is quantized already is written as: unsigned activations and signed weights of the full range. */
export const STORED_SCHEME: SchemeName = 'u8s8';

/** The network with the integers of its source. Throws `usage` where the source has none. */
export function quantizedBy(network: Network, preprocessing: Preprocessing): Graph {
  if (network.quantized) return network.quantized(preprocessing);
  throw new ResedgeError('usage', 'expected a source that is quantized already, received one of floats: calibrate it');
}

/** How near the source's own quantization is to the reals that its integers stand for. */
export async function judgeStored(
  reference: FloatModel,
  graph: Graph,
  { pictures }: HalfOptions,
  preprocessing: Preprocessing,
  producer: Producer,
  run: ModelRunner,
): Promise<Verdict> {
  const seen = pictures
    ? await picturesToJudge(pictures, preprocessing.inputSize)
    : await generatedPictures(preprocessing);
  const exact = await referenceOn(reference, seen.batches, () => undefined);
  await reference.close();
  const { overall } = await judgeOn(seen.batches, exact.logits, producer, run)(graph);
  return { ...overall, pictures: seen.pictures, generated: seen.generated };
}
