import { type LayerTable, layerTable } from '../../../converter/describe/layers.ts';
import { stepsOfGraph } from '../../../converter/describe/steps.ts';
import { stepsOfModel } from '../../../converter/describe/steps-of-model.ts';
import type { Network, WeightsNetwork } from '../../../converter/network.ts';
import { sinkTransposes } from '../../../converter/passes/sink-transposes.ts';
import { type Architecture, defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { buildGraph } from '../../../converter/resnet/build.ts';
import type { Weights } from '../../../converter/weights/types.ts';
import { isResedgeError } from '../../errors.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { decodeMetadata, METADATA_KEYS, type ModelMetadata } from '../../onnx/metadata.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import type { Model, ValueInfo } from '../../onnx/schema.ts';
import { sha256Hex } from '../cache/digest.ts';
import { factsBeside } from '../hub/beside.ts';
import { about } from './about.ts';
import { externalData } from './external-data.ts';
import { formatOf, openNetwork, readWeightsFile } from './open-network.ts';
import { filesBeside, type SourceFile } from './source-files.ts';

/** How large a model is, all its files together. */
type Sized = {
  readonly bytes: number;
  /** The files beside it in which its weights lie. */
  readonly files?: readonly SourceFile[];
};

export type InspectedWeights = LayerTable &
  Sized & {
    readonly kind: 'weights';
    readonly format: string;
    readonly arch: string;
    readonly architecture: WeightsNetwork['architecture'];
    readonly parameters: number;
    readonly dtypes: readonly string[];
    readonly unwrapped: readonly string[];
    readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly dims: readonly number[] }[];
    readonly warnings: readonly string[];
  };

/** A whole model of another kind of file than ONNX. */
export type InspectedNetwork = LayerTable &
  Sized &
  Pick<Network, 'format' | 'description' | 'classes' | 'parameters' | 'output' | 'warnings'> & {
    readonly kind: 'network';
    readonly arch: string;
    /** Side of the square pictures whose figures these are. */
    readonly inputSize: number;
  };

export type InspectedModel = LayerTable &
  Sized & {
    readonly kind: 'model';
    readonly opset: number;
    readonly inputs: readonly ValueInfo[];
    readonly outputs: readonly ValueInfo[];
    readonly nodes: readonly { readonly op: string; readonly count: number }[];
    /** Weights and biases as the file holds them: of folded batch norms the biases are left. */
    readonly parameters: number;
    /** Null for a model that resedge did not make; `foreign` says what it lacks. */
    readonly metadata: ModelMetadata | null;
    readonly foreign?: string;
    /** Whether it remembers the classes that it was taught, so that `learn --add` takes it. */
    readonly grows: boolean;
  };

/** What a file holds. Throws `input`, prefixed with the path, where it is no network that is known. */
export async function inspectFile(
  path: string,
  bytes: Uint8Array,
): Promise<InspectedWeights | InspectedNetwork | InspectedModel> {
  expectNotOrt(path, bytes);
  if (looksLikeOnnx(bytes)) return inspectModel(path, bytes);
  return formatOf(path, bytes) ? await inspectNetwork(path, bytes) : inspectWeights(path, bytes);
}

async function inspectNetwork(path: string, bytes: Uint8Array): Promise<InspectedNetwork> {
  const network = await openNetwork(path, bytes, sha256Hex(bytes), 'auto');
  const { name, format, description, classes, parameters, output, warnings, preprocessing } = network;
  const { inputSize } = preprocessing;
  return {
    ...{ kind: 'network', ...sizeOf(path, bytes), arch: name, inputSize },
    ...{ format, description, classes, parameters, output, warnings },
    ...layerTable(stepsOfGraph(sinkTransposes(network.build(inputSize)), () => true)),
  };
}

function sizeOf(path: string, source: Uint8Array): Sized {
  const files = filesBeside(path, source);
  const bytes = files.reduce((sum, file) => sum + file.bytes, source.length);
  return files.length > 0 ? { bytes, files } : { bytes };
}

function inspectWeights(path: string, bytes: Uint8Array): InspectedWeights {
  const stated = factsBeside(path, sha256Hex(bytes));
  const { weights, architecture, parameters, warnings } = readWeightsFile(path, bytes, 'auto', stated);
  const tensors = [...weights.tensors].map(([name, { dtype, dims }]) => ({ name, dtype, dims }));
  return {
    kind: 'weights',
    ...sizeOf(path, bytes),
    format: weights.format,
    arch: architecture.name,
    architecture,
    parameters,
    dtypes: [...new Set(tensors.map(({ dtype }) => dtype))],
    unwrapped: weights.unwrapped,
    tensors,
    warnings,
    ...layersOf(architecture, weights),
  };
}

function inspectModel(path: string, bytes: Uint8Array): InspectedModel {
  const model = about(path, () => decodeModel(bytes, externalData(path)));
  const counts = new Map<string, number>();
  for (const { op } of model.graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const table = about(path, () => layerTable(stepsOfModel(model)));
  return {
    kind: 'model',
    ...sizeOf(path, bytes),
    opset: model.opsets.find(({ domain }) => domain === '')?.version ?? 0,
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    nodes: [...counts].map(([op, count]) => ({ op, count })),
    parameters: table.totals.parameters,
    ...metadataOf(model),
    grows: model.metadata.has(METADATA_KEYS.memory),
    ...table,
  };
}

/** The network as trained, on a picture of the size that it was made for. */
function layersOf(architecture: Architecture, { tensors }: Weights): LayerTable {
  const graph = buildGraph(architecture, tensors, defaultInputSize(architecture));
  return layerTable(stepsOfGraph(graph, (name) => tensors.has(name)));
}

function metadataOf(model: Model): Pick<InspectedModel, 'metadata' | 'foreign'> {
  try {
    return { metadata: decodeMetadata(model.metadata) };
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    return { metadata: null, foreign: error.message };
  }
}
