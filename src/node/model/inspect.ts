import { createHash } from 'node:crypto';
import { type LayerTable, layerTable } from '../../../converter/describe/layers.ts';
import { stepsOfGraph } from '../../../converter/describe/steps.ts';
import { stepsOfModel } from '../../../converter/describe/steps-of-model.ts';
import { readNetwork, type WeightsNetwork } from '../../../converter/network.ts';
import { type Architecture, defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { buildGraph } from '../../../converter/resnet/build.ts';
import type { Weights } from '../../../converter/weights/types.ts';
import { isResedgeError } from '../../errors.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { decodeMetadata, type ModelMetadata } from '../../onnx/metadata.ts';
import type { Model, ValueInfo } from '../../onnx/schema.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { factsBeside } from '../hub/beside.ts';
import { about } from './about.ts';

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

export type InspectedModel = LayerTable & {
  readonly kind: 'model';
  readonly bytes: number;
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly { readonly op: string; readonly count: number }[];
  /** Elements of tensors that have more than one. */
  readonly parameters: number;
  /** Null for a model that resedge did not make; `foreign` says what it lacks. */
  readonly metadata: ModelMetadata | null;
  readonly foreign?: string;
};

/** What a weights file holds. Throws `input`, prefixed with the path, where it is no network that is known. */
export function inspectWeights(path: string, bytes: Uint8Array): InspectedWeights {
  const stated = factsBeside(path, createHash('sha256').update(bytes).digest('hex'));
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

export function inspectModel(path: string, bytes: Uint8Array): InspectedModel {
  const model = about(path, () => decodeModel(bytes));
  const counts = new Map<string, number>();
  for (const { op } of model.graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const sizes = model.graph.initializers.map(({ dims }) => elementCount(dims));
  return {
    kind: 'model',
    bytes: bytes.length,
    opset: model.opsets.find(({ domain }) => domain === '')?.version ?? 0,
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    nodes: [...counts].map(([op, count]) => ({ op, count })),
    parameters: sizes.filter((size) => size > 1).reduce((sum, size) => sum + size, 0),
    ...metadataOf(model),
    ...about(path, () => layerTable(stepsOfModel(model))),
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
