import { isResedgeError, ResedgeError } from '../src/errors.ts';
import { endInLogits, type Scores } from './exchange/scores.ts';
import { DEFAULT_SIZE, factsOf, partsOf } from './graph-facts.ts';
import { shown } from './json.ts';
import { modelOfWeights } from './keras/applications.ts';
import { buildModel } from './keras/build.ts';
import { parseConfig } from './keras/config.ts';
import { applicationIn, type Prepared, preparedFor, preparedForWeights } from './keras/preprocessing.ts';
import type { Hdf5, Layer, Model, WeightSource } from './keras/types.ts';
import {
  expectAllUsed,
  fromListed,
  fromStore,
  type Listed,
  listedWeights,
  namedStore,
  namesInStore,
} from './keras/weights.ts';
import type { Network } from './network.ts';
import { quote } from './weights/bytes.ts';

/** A model that Keras saved: the HDF5 file, and what stands beside it in a `.keras` archive. */
export type KerasFile = {
  readonly format: 'keras' | 'keras-h5';
  readonly file: Hdf5;
  readonly config?: string;
  readonly version?: string;
};

/**
 * Reads a convolutional classifier that Keras 2 or 3 saved: a Functional or Sequential model with its config, or the weights alone of
 * a ResNet of keras.applications. Throws `unsupported` or `input` naming the layer at fault.
 */
export function readKeras({ format, file, ...beside }: KerasFile): Network {
  const config = beside.config ?? textOn(file, '', 'model_config');
  const listed = beside.config === undefined ? listedWeights(file) : undefined;
  const version = majorVersion(
    beside.version ?? textOn(file, '', 'keras_version') ?? textOn(file, 'model_weights', 'keras_version'),
  );
  const { model, weights } =
    config === undefined ? weightsAlone(file, listed) : { model: parseConfig(config), weights: sourceOf(file, listed) };
  const name = config === undefined ? model.name : (applicationIn(model) ?? 'keras');
  return modelNetwork(model, {
    ...{ weights, version, name, format },
    title: 'Keras model',
    prepared: config === undefined ? preparedForWeights(name) : preparedFor(model),
    expectUsed: (used) => expectAllUsed(file, used, listed),
  });
}

/** What a model is made of, and what it is called, of its file and for people. */
export type ModelParts = Pick<Network, 'name' | 'format'> & {
  readonly title: string;
  readonly weights: WeightSource;
  /** Keras's major version. */
  readonly version: number;
  readonly prepared: Prepared;
  /** Throws for arrays that are not among those in use. */
  readonly expectUsed: (used: ReadonlySet<string>) => void;
};

/** The network of a model whose structure is known. Throws as {@link readKeras}. */
export function modelNetwork(model: Model, parts: ModelParts): Network {
  const { weights, version, name, format, title, prepared, expectUsed } = parts;
  const channelsLast = !usesChannelsFirst(model);
  const input = inputSize(model, channelsLast);
  const size = input ?? DEFAULT_SIZE;
  const read = (wanted: number): Scores => {
    const { graph, used } = buildModel(model, wanted, { weights, channelsLast, version });
    expectUsed(used);
    return endInLogits(graph);
  };
  const scores = read(size);
  const resized = (wanted: number): Scores => {
    try {
      return read(wanted);
    } catch (error) {
      if (!isResedgeError(error, 'input')) throw error;
      throw new ResedgeError(
        'usage',
        `expected --input-size ${size}, for which the model was made, received ${wanted}: its layers do not fit pictures of that size`,
        { cause: error },
      );
    }
  };
  return {
    name,
    description: `${name}: ${title}, ${partsOf(scores)}, ${prepared.words}`,
    format,
    ...factsOf(scores),
    preprocessing: { ...prepared.values, inputSize: size, layout: channelsLast ? 'nhwc' : 'nchw' },
    build: (wanted) => (wanted === size ? scores : resized(wanted)).graph,
  };
}

function sourceOf(file: Hdf5, listed: Listed | undefined): WeightSource {
  return listed ? fromListed(file, listed) : fromStore(file);
}

function weightsAlone(
  file: Hdf5,
  listed: Listed | undefined,
): { readonly model: Model; readonly weights: WeightSource } {
  const weights = listed ? fromListed(file, listed) : namedStore(file);
  const layers = listed ? [...listed.keys()] : namesInStore(file);
  const layer = (name: string): Layer => ({ kind: '', name, key: '', config: {}, calls: [] });
  return { model: modelOfWeights(layers, (name) => weights([layer(name)])?.map(([, { dims }]) => dims)), weights };
}

function textOn(file: Hdf5, group: string, name: string): string | undefined {
  return file.attributes.get(group)?.get(name)?.[0];
}

/** A file that does not say comes from Keras 2. */
export function majorVersion(version: string | undefined): number {
  return Number.parseInt(version ?? '', 10) || 2;
}

/** True where the layers say so; Keras has one layout for a whole model. */
function usesChannelsFirst({ layers }: Model): boolean {
  return layers.some(
    ({ config, model }) =>
      config['data_format'] === 'channels_first' || (model !== undefined && usesChannelsFirst(model)),
  );
}

/** Side of the square that the model was made for; undefined where it takes any. */
function inputSize(model: Model, channelsLast: boolean): number | undefined {
  const [reference, ...more] = model.inputs;
  const layer = model.layers.find(({ name }) => name === reference?.[0]);
  if (layer === undefined || more.length > 0) {
    throw new ResedgeError(
      'unsupported',
      `expected a model with one input, the picture, received ${model.inputs.map(([name]) => quote(name)).join(', ') || 'none'}`,
    );
  }
  const dims = dimsOf(layer);
  const [channels, ...sides] = channelsLast ? [dims[3], dims[1], dims[2]] : dims.slice(1);
  const [height, width] = sides.map((side) => (typeof side === 'number' && side > 0 ? side : undefined));
  if (dims.length !== 4 || (channels !== 3 && channels !== null) || height !== width) {
    throw new ResedgeError(
      'unsupported',
      `expected square pictures with three channels as input, received [${dims.map((dim) => (dim == null ? '?' : shown(dim))).join(', ')}] as ${quote(layer.name)}`,
    );
  }
  return height;
}

function dimsOf({ config, model }: Layer): readonly unknown[] {
  const first = model?.layers.find(({ name }) => name === model.inputs[0]?.[0]);
  if (first) return dimsOf(first);
  const dims = config['batch_shape'] ?? config['batch_input_shape'];
  return Array.isArray(dims) ? dims : [];
}
