import { isResedgeError, ResedgeError } from '../src/errors.ts';
import { decodeModel } from '../src/onnx/decode.ts';
import { decodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { ExternalData } from '../src/onnx/read.ts';
import type { Model } from '../src/onnx/schema.ts';
import { decodeGraph } from './exchange/decode-graph.ts';
import { channelsFirst, type InputLayout, inputLayout, pictureDims } from './exchange/input-layout.ts';
import { endInLogits, type Scores } from './exchange/scores.ts';
import { DEFAULT_SIZE, factsOf, partsOf } from './graph-facts.ts';
import type { Network } from './network.ts';

/** A model that feeds on bytes normalises them itself, in the order red, green, blue. */
const BYTES = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' } as const;

/**
 * Reads a convolutional classifier from an ONNX file's bytes; `external` hands out weights that lie in files beside it. Throws
 * `unsupported` or `input` naming the node at fault.
 */
export function readOnnx(bytes: Uint8Array, external?: (data: ExternalData) => Uint8Array): Network {
  const model = decodeModel(bytes, external);
  const ours = metadataOf(model);
  const producer =
    [model.producerName, model.producerVersion].filter((part) => part !== '').join(' ') || 'an unnamed exporter';
  return networkOf(model, { name: ours?.arch ?? 'onnx', format: 'onnx', title: `ONNX model of ${producer}` });
}

/** What a network is called, of its file and for people. */
type Titles = Pick<Network, 'name' | 'format'> & { readonly title: string };

/** The network that a model's graph is, whatever file it came from. Throws as {@link readOnnx}. */
export function networkOf(model: Model, { name, format, title }: Titles): Network {
  const ours = metadataOf(model);
  const input = inputLayout(model);
  const size = input.size ?? ours?.preprocessing.inputSize ?? DEFAULT_SIZE;
  const scores = read(model, input, size);
  return {
    name,
    description: `${name}: ${title}, ${partsOf(scores)}`,
    format,
    ...factsOf(scores),
    preprocessing: {
      ...statedBy(ours),
      ...(input.values === 'bytes' ? BYTES : {}),
      inputSize: size,
      layout: input.layout,
    },
    ...(ours?.labels.length === scores.classes ? { labels: ours.labels } : {}),
    ...(ours?.labelIds?.length === scores.classes ? { labelIds: ours.labelIds } : {}),
    build: (wanted) => {
      if (wanted === size) return scores.graph;
      if (input.size !== undefined) {
        throw new ResedgeError(
          'usage',
          `expected --input-size ${size}, for which the model was exported, received ${wanted}: leave it out, or export the model again`,
        );
      }
      return read(model, input, wanted).graph;
    },
  };
}

function read(model: Model, { layout }: InputLayout, size: number): Scores {
  return endInLogits(channelsFirst(decodeGraph(model, pictureDims(layout, size)), layout));
}

/** What `convert` wrote into its own files; undefined for any other. */
function metadataOf(model: Model): ModelMetadata | undefined {
  try {
    return decodeMetadata(model.metadata);
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    return undefined;
  }
}

function statedBy(ours: ModelMetadata | undefined): Partial<Network['preprocessing']> {
  if (ours === undefined) return {};
  const { input: _, inputSize: __, layout: ___, ...stated } = ours.preprocessing;
  return stated;
}
