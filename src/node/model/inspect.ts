import { createHash } from 'node:crypto';
import { type LayerTable, layerTable } from '../../../converter/describe/layers.ts';
import { stepsOfGraph } from '../../../converter/describe/steps.ts';
import { stepsOfModel } from '../../../converter/describe/steps-of-model.ts';
import { type Network, readNetwork, type WeightsNetwork } from '../../../converter/network.ts';
import { sinkTransposes } from '../../../converter/passes/sink-transposes.ts';
import { type Architecture, defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { buildGraph } from '../../../converter/resnet/build.ts';
import type { Weights } from '../../../converter/weights/types.ts';
import { isResedgeError } from '../../errors.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { decodeMetadata, type ModelMetadata } from '../../onnx/metadata.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import type { Model, ValueInfo } from '../../onnx/schema.ts';
import { factsBeside } from '../hub/beside.ts';
import { about } from './about.ts';
import { formatOf, openNetwork } from './open-network.ts';

export type InspectedWeights = LayerTable & {
  readonly kind: 'weights';
  readonly bytes: number;
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
  Pick<Network, 'format' | 'description' | 'classes' | 'parameters' | 'output' | 'warnings'> & {
    readonly kind: 'network';
    readonly bytes: number;
    readonly arch: string;
    /** Side of the square pictures whose figures these are. */
    readonly inputSize: number;
  };

export type InspectedModel = LayerTable & {
  readonly kind: 'model';
  readonly bytes: number;
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly { readonly op: string; readonly count: number }[];
  /** Weights and biases as the file holds them: of folded batch norms the biases are left. */
  readonly parameters: number;
  /** Null for a model that resedge did not make; `foreign` says what it lacks. */
  readonly metadata: ModelMetadata | null;
  readonly foreign?: string;
};

/** What a file holds. Throws `input`, prefixed with the path, where it is no network that is known. */
export async function inspectFile(
  path: string,
  bytes: Uint8Array,
): Promise<InspectedWeights | InspectedNetwork | InspectedModel> {
  if (looksLikeOnnx(bytes)) return inspectModel(path, bytes);
  return formatOf(path, bytes) ? await inspectNetwork(path, bytes) : inspectWeights(path, bytes);
}

async function inspectNetwork(path: string, bytes: Uint8Array): Promise<InspectedNetwork> {
  const network = await openNetwork(path, bytes, sha256Of(bytes), 'auto');
  const { name, format, description, classes, parameters, output, warnings, preprocessing } = network;
  const { inputSize } = preprocessing;
  return {
    ...{ kind: 'network', bytes: bytes.length, arch: name, inputSize },
    ...{ format, description, classes, parameters, output, warnings },
    ...layerTable(stepsOfGraph(sinkTransposes(network.build(inputSize)), () => true)),
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function inspectWeights(path: string, bytes: Uint8Array): InspectedWeights {
  const stated = factsBeside(path, sha256Of(bytes));
  const { weights, architecture, parameters, warnings } = about(path, () => readNetwork(bytes, 'auto', stated));
  const tensors = [...weights.tensors].map(([name, { dtype, dims }]) => ({ name, dtype, dims }));
  return {
    kind: 'weights',
    bytes: bytes.length,
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
  const model = about(path, () => decodeModel(bytes));
  const counts = new Map<string, number>();
  for (const { op } of model.graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const table = about(path, () => layerTable(stepsOfModel(model)));
  return {
    kind: 'model',
    bytes: bytes.length,
    opset: model.opsets.find(({ domain }) => domain === '')?.version ?? 0,
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    nodes: [...counts].map(([op, count]) => ({ op, count })),
    parameters: table.totals.parameters,
    ...metadataOf(model),
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
