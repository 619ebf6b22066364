import type { ModelMetadata } from '../src/onnx/metadata.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { elementCount } from '../src/tensor/tensor.ts';
import type { Graph } from './graph/graph.ts';
import { type Architecture, defaultInputSize, describe } from './resnet/architecture.ts';
import { buildGraph } from './resnet/build.ts';
import { checkFacts, checkShapes, checkValues } from './resnet/check.ts';
import { detectArchitecture } from './resnet/detect.ts';
import { hintsOf, requireFamily } from './resnet/families.ts';
import type { SourceFacts } from './resnet/source-config.ts';
import { trainedFacts } from './resnet/trained-facts.ts';
import { readWeights } from './weights/index.ts';
import type { ReadShard } from './weights/safetensors-index.ts';
import type { Weights } from './weights/types.ts';

/** A network that has been understood, whatever it came from. */
export type Network = {
  /** The family's name where it has one. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** Of the source file. */
  readonly format: string;
  readonly classes: number;
  /** Weights and biases, without batch norm's running statistics; as the source holds them, where it folded its batch norms. */
  readonly parameters: number;
  readonly warnings: readonly string[];
  /** `probabilities`: a softmax follows the graph's logits. */
  readonly output: ModelMetadata['output'];
  /** What the source says of its pictures; the size at least. */
  readonly preprocessing: Partial<Preprocessing> & Pick<Preprocessing, 'inputSize'>;
  readonly labels?: readonly string[];
  readonly labelIds?: readonly string[];
  /** The network as trained: float32 `input` [N, 3, size, size] to logits [N, classes]. */
  readonly build: (inputSize: number) => Graph;
  /** Of a source whose layers are stored as integers: the same with its own integers and scales, fed as `preprocessing` says. */
  readonly quantized?: (preprocessing: Preprocessing) => Graph;
};

/** A network that was found by the names and shapes of its weights. */
export type WeightsNetwork = Network & {
  readonly weights: Weights;
  readonly architecture: Architecture;
};

/**
 * Reads weights from a file's bytes and finds the network they belong to; `arch` is `auto` or a family's name; `beside` is what the
 * files beside them say, of weights that say nothing themselves; `read` hands out the shards that an index names. Throws `input` naming
 * the tensor at fault.
 */
export function readNetwork(bytes: Uint8Array, arch: string, beside?: SourceFacts, read?: ReadShard): WeightsNetwork {
  const weights = readWeights(bytes, read);
  const stated = trainedFacts(weights.metadata) ?? beside;
  const architecture = detectArchitecture(weights.tensors, { ...stated?.hints, ...hintsOf(arch) });
  if (arch !== 'auto') requireFamily(architecture, arch);
  checkShapes(architecture, weights.tensors);
  if (stated) checkFacts(architecture, stated);
  const warnings = checkValues(architecture, weights.tensors);
  let parameters = 0;
  for (const [name, { dims }] of weights.tensors) {
    if (/\.(weight|bias)$/.test(name)) parameters += elementCount(dims);
  }
  return {
    name: architecture.name,
    description: describe(architecture),
    format: weights.format,
    classes: architecture.head.classes,
    parameters,
    warnings: [...warnings, ...(stated?.warnings ?? [])],
    output: 'logits',
    preprocessing: { inputSize: defaultInputSize(architecture), ...stated?.preprocessing },
    ...(stated?.labels ? { labels: stated.labels } : {}),
    ...(stated?.labelIds ? { labelIds: stated.labelIds } : {}),
    build: (inputSize) => buildGraph(architecture, weights.tensors, inputSize),
    weights,
    architecture,
  };
}
