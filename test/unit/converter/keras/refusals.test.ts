import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../converter/json.ts';
import { type KerasFile, readKeras } from '../../../../converter/keras-network.ts';
import { readKerasFile } from '../../../../src/node/formats/keras.ts';
import { kerasBytes, readHere } from './sources.ts';

const variety = await readKerasFile(kerasBytes('variety.3.keras'), readHere);

type Edited = {
  class_name: string;
  name: string;
  registered_name: string | null;
  config: Edits;
  inbound_nodes: unknown;
};
type Edits = Record<string, unknown> & { layers: Edited[] };
type Root = { class_name: string; config: Edits };

/** The model with another config. */
function edited(edit: (root: Root, layer: (kind: string) => Edited) => void): KerasFile {
  const root: Root = JSON.parse(variety.config ?? '');
  edit(root, (kind) => {
    const found = root.config.layers.find(({ class_name: name }) => name === kind);
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  });
  return { ...variety, config: JSON.stringify(root) };
}

const set =
  (kind: string, name: string, value: unknown) =>
  (_: Root, layer: (kind: string) => Edited): void => {
    layer(kind).config[name] = value;
  };

const CASES: readonly (readonly [string, (root: Root, layer: (kind: string) => Edited) => void, RegExp])[] = [
  [
    'a Lambda layer',
    (_, layer) => Object.assign(layer('Dropout'), { class_name: 'Lambda' }),
    /received a Lambda layer, whose code is Python, called dropout\w*: build the model without it/,
  ],
  [
    'a layer of a class that Keras has not',
    (_, layer) => Object.assign(layer('Dropout'), { class_name: 'Odd' }),
    /received one of class Odd, called dropout/,
  ],
  [
    'a custom layer with the name of a known one',
    (_, layer) => Object.assign(layer('Dropout'), { registered_name: 'Mine>Dropout' }),
    /received one of class Mine>Dropout/,
  ],
  [
    'a subclassed model',
    (root) => Object.assign(root, { class_name: 'MyModel' }),
    /^expected a Functional or Sequential model, received one of class MyModel: a subclassed model/,
  ],
  [
    'a model without layers',
    (root) => Object.assign(root.config, { layers: [] }),
    /expected layers in the config of model variety/,
  ],
  [
    'a layer that is not there',
    (_, layer) => Object.assign(layer('Dropout'), { inbound_nodes: [[['gone', 0, 0, {}]]] }),
    /which is to read gone, a layer that is not there/,
  ],
  [
    'layers in a circle',
    (_, layer) => Object.assign(layer('Dropout'), { inbound_nodes: [[[layer('Flatten').name, 0, 0, {}]]] }),
    /read one another in a circle/,
  ],
  [
    'an output that nothing makes',
    (root) => Object.assign(root.config, { output_layers: [['gone', 0, 0]] }),
    /expected gone to make the output of model variety/,
  ],
  [
    'two inputs',
    (root) =>
      Object.assign(root.config, {
        input_layers: [
          ['image', 0, 0],
          ['image', 0, 0],
        ],
      }),
    /one input, the picture, received image, image/,
  ],
  [
    'pictures of one channel',
    set('InputLayer', 'batch_shape', [null, 16, 16, 1]),
    /three channels as input, received \[\?, 16, 16, 1\] as image/,
  ],
  [
    'a side that is no number',
    set('InputLayer', 'batch_shape', [null, { a: 1 }, 16, 3]),
    /three channels as input, received \[\?, \{"a":1\}, 16, 3\] as image/,
  ],
  ['pictures that are not square', set('InputLayer', 'batch_shape', [null, 16, 8, 3]), /square pictures/],
  [
    'filters that the weights have not',
    set('Conv2D', 'filters', 7),
    /expected kernel \[3, 3, 3, 7\] of layer stem, received \[3, 3, 3, 6\]: config and weights belong/,
  ],
  [
    'a bias that the weights have not',
    set('Conv2D', 'use_bias', true),
    /expected kernel, bias of layer stem, received 1 arrays: config and weights belong/,
  ],
  ['no filters', set('Conv2D', 'filters', 0), /a number above 0 as filters for layer stem \(Conv2D\)/],
  [
    'a kernel that is none',
    set('Conv2D', 'kernel_size', 'big'),
    /expected one or two whole numbers above 0 as kernel_size of layer stem, received "big"/,
  ],
  ['padding that is not known', set('Conv2D', 'padding', 'causal'), /padding 'same' or 'valid', received "causal"/],
  [
    'an activation that is not known',
    set('Activation', 'activation', 'mine'),
    /an activation that is known, received "mine"/,
  ],
  ['statistics over rows', set('BatchNormalization', 'axis', 1), /statistics for each channel/],
  ['a shape that does not fit', set('Reshape', 'target_shape', [2, 3]), /a target of \[1, 1, channels\]/],
  [
    'channels first',
    (root, layer) => root && set('Conv2D', 'data_format', 'channels_first')(root, layer),
    /square pictures with three channels as input, received \[\?, 16, 16, 3\]/,
  ],
];

describe('refuses in one line', () => {
  test.each(CASES)('%s', (_, edit, says) => {
    expect(() => readKeras(edited(edit))).toThrow(says);
    expect(() => readKeras(edited(edit))).not.toThrow('\n');
  });

  test('a config that is no JSON', () => {
    expect(() => readKeras({ ...variety, config: '{"class_name"' })).toThrow(/^expected JSON as the model's config/);
  });

  test('models nested without end', () => {
    let config: Json = { class_name: 'Functional', config: { name: 'm', layers: [] } };
    for (let i = 0; i < 20; i++) config = { class_name: 'Functional', config: { name: 'm', layers: [config] } };
    expect(() => readKeras({ ...variety, config: JSON.stringify(config) })).toThrow(
      /^expected at most 16 models inside/,
    );
  });

  test('weights of another model', async () => {
    const { file } = await readKerasFile(kerasBytes('plain.3.keras'), readHere);
    expect(() => readKeras({ ...variety, file })).toThrow(
      /of layer \S+, received .*: config and weights belong to different models$/,
    );
  });
});
