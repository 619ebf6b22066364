import { ResedgeError } from '../src/errors.ts';
import { isJson, type Json, parseJson } from './json.ts';
import { parseConfig } from './keras/config.ts';
import { applicationIn, preparedFor } from './keras/preprocessing.ts';
import { expectUsed } from './keras/weights.ts';
import { majorVersion, modelNetwork } from './keras-network.ts';
import type { Network } from './network.ts';
import { networkOf } from './onnx-network.ts';
import { parseGraphDef } from './tfjs/graph-def.ts';
import { modelOfGraph } from './tfjs/graph-model.ts';
import { layerArrays } from './tfjs/layer-arrays.ts';
import { parseManifest } from './tfjs/manifest.ts';
import { type Arrays, type ReadShard, readArrays } from './tfjs/weights.ts';
import { quote } from './weights/bytes.ts';

/**
 * Reads a convolutional classifier that TensorFlow.js or its converter saved, a layers model or a graph model, from the text of its
 * model.json; `read` hands out the shards of weights that it lists. Throws `unsupported` or `input` naming the layer, node, array or
 * shard at fault.
 */
export function readTfjs(json: string, read: ReadShard): Network {
  const file = parsed(json);
  const topology = file['modelTopology'];
  if (!isJson(topology)) {
    throw new ResedgeError(
      'input',
      'expected a modelTopology in the JSON of a TensorFlow.js model, received none: save the whole model, not its weights alone',
    );
  }
  const arrays = readArrays(parseManifest(file['weightsManifest']), read);
  return 'node' in topology ? graphNetwork(topology, signatureIn(file), arrays) : layersNetwork(topology, arrays);
}

function parsed(json: string): Json {
  try {
    const value: unknown = parseJson(json);
    if (isJson(value)) return value;
  } catch {}
  throw new ResedgeError(
    'input',
    `expected the JSON of a TensorFlow.js model, received ${quote(json.slice(0, 40))}: it is damaged, download or save it again`,
  );
}

/** Older files have it among what the user defined. */
function signatureIn(file: Json): Json {
  const beside = file['userDefinedMetadata'];
  const found = file['signature'] ?? (isJson(beside) ? beside['signature'] : undefined);
  return isJson(found) ? found : {};
}

function graphNetwork(topology: Json, signature: Json, arrays: Arrays): Network {
  const model = modelOfGraph(parseGraphDef(topology, signature, arrays));
  return networkOf(model, { name: 'tfjs', format: 'tfjs-graph', title: 'TensorFlow.js graph model' });
}

function layersNetwork(topology: Json, arrays: Arrays): Network {
  const config = topology['model_config'] ?? topology;
  const model = parseConfig(typeof config === 'string' ? config : JSON.stringify(config));
  const version = topology['keras_version'];
  return modelNetwork(model, {
    name: applicationIn(model) ?? 'tfjs',
    format: 'tfjs-layers',
    title: 'TensorFlow.js layers model',
    weights: layerArrays(arrays),
    version: majorVersion(typeof version === 'string' ? version : undefined),
    prepared: preparedFor(model),
    expectUsed: (used) => expectUsed(arrays.keys(), used),
  });
}
