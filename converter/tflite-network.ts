import { ResedgeError } from '../src/errors.ts';
import { endInLogits, type Scores } from './exchange/scores.ts';
import { DEFAULT_SIZE, factsOf, partsOf } from './graph-facts.ts';
import type { Network } from './network.ts';
import { applyPasses, LAYOUT } from './passes/index.ts';
import { type Built, buildGraph } from './tflite/build.ts';
import { fed, normalises } from './tflite/feed.ts';
import { readMetadata } from './tflite/metadata.ts';
import { type LiteModel, readModel } from './tflite/model.ts';
import { preparedFor } from './tflite/preprocessing.ts';
import { asStored, parametersOf, storesLayers } from './tflite/stored.ts';

/** Side of the largest picture that a model may be made for. */
const MAX_SIDE = 8192;

/**
 * Reads a convolutional classifier from a TFLite file's bytes. One whose layers are integers through and through also gives its graph
 * with these. Throws `unsupported` or `input` naming the operator at fault.
 */
export function readTflite(bytes: Uint8Array): Network {
  const model = readModel(bytes);
  const stated = inputSize(model);
  const size = stated ?? DEFAULT_SIZE;
  const read = (wanted: number): { readonly built: Built; readonly scores: Scores } => {
    if (stated !== undefined && wanted !== stated) {
      throw new ResedgeError(
        'usage',
        `expected --input-size ${stated}, for which the model was made, received ${wanted}: leave it out, or convert the model again`,
      );
    }
    const built = buildGraph(model, wanted);
    return { built, scores: endInLogits(built.graph) };
  };
  const { built, scores } = read(size);
  const picture = model.tensors[model.inputs[0] ?? -1]!;
  const { values, labels, warnings } = readMetadata(bytes, model, scores.classes);
  const prepared = preparedFor(values, built.activations.get('input'), {
    bytes: picture.type === 'uint8' && parametersOf(picture) !== undefined,
    normalises: normalises(scores.graph),
  });
  const integers = storesLayers(built);
  return {
    name: 'tflite',
    description: `tflite: TFLite model, ${integers ? 'quantized, ' : ''}${partsOf(scores)}, ${prepared.words}`,
    format: 'tflite',
    ...factsOf(scores),
    warnings: [
      ...factsOf(scores).warnings,
      ...(prepared.warning === undefined ? [] : [prepared.warning]),
      ...warnings,
      ...(model.subgraphs > 1 ? [`it has ${model.subgraphs} subgraphs: the first one is taken`] : []),
    ],
    preprocessing: { ...prepared.values, inputSize: size, layout: 'nhwc' },
    ...(labels ? { labels } : {}),
    build: (wanted) => (wanted === size ? scores : read(wanted).scores).graph,
    ...(integers
      ? {
          quantized: (preprocessing) => {
            const { built: sized, scores: ended } = read(preprocessing.inputSize);
            const graph = asStored(applyPasses(ended.graph, LAYOUT), sized);
            const input = sized.activations.get('input');
            return fed(graph, preprocessing, input && { ...input, bytes: picture.type !== 'float32' });
          },
        }
      : {}),
  };
}

/** Side of the square that the model was made for; undefined where it takes any. */
function inputSize({ tensors, inputs }: LiteModel): number | undefined {
  const [place, ...more] = inputs;
  const picture = tensors[place ?? -1];
  if (picture === undefined || more.length > 0) {
    const names = inputs.map((input) => tensors[input]?.name ?? '?').join(', ') || 'none';
    throw new ResedgeError('unsupported', `expected a model with one input, the picture, received ${names}`);
  }
  const { signature, type, name } = picture;
  const [, height = 0, width = 0, channels] = signature;
  const numbers = type === 'float32' || parametersOf(picture) !== undefined;
  if (signature.length !== 4 || channels !== 3 || height !== width || height > MAX_SIDE || !numbers) {
    throw new ResedgeError(
      'unsupported',
      `expected square pictures with three channels as input, of floats or bytes with a scale, up to ${MAX_SIDE} pixels wide, received ${type}[${signature.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}] as ${name}`,
    );
  }
  return height > 0 ? height : undefined;
}
