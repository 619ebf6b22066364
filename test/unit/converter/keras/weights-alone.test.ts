import { expect, test } from 'vitest';
import { print } from '../../../../converter/graph/print.ts';
import type { Hdf5 } from '../../../../converter/keras/types.ts';
import { readKeras } from '../../../../converter/keras-network.ts';
import { kerasBytes, readHere } from './sources.ts';

/** What keras.applications called layers before Keras 2.2.4. */
function oldName(name: string): string {
  const [, stage, block, part, what] = /^conv(\d)_block(\d)_(\d)_(conv|bn)$/.exec(name) ?? [];
  if (part !== undefined) {
    const branch = ['1', '2a', '2b', '2c'][Number(part)];
    return `${what === 'bn' ? 'bn' : 'res'}${stage}${'abc'[Number(block) - 1]}_branch${branch}`;
  }
  return { conv1_conv: 'conv1', conv1_bn: 'bn_conv1', predictions: 'fc1000' }[name] ?? name;
}

function renamed(file: Hdf5, rename: (name: string) => string): Hdf5 {
  const path = (from: string): string => from.split('/').map(rename).join('/');
  return {
    arrays: new Map([...file.arrays].map(([name, array]) => [path(name), array])),
    attributes: new Map(
      [...file.attributes].map(([group, texts]) => [
        path(group),
        new Map([...texts].map(([name, values]) => [name, values.map(path)])),
      ]),
    ),
  };
}

const file = await readHere(kerasBytes('resnet.2.kernels.h5'));

test('the names of before Keras 2.2.4 give the same network, with the epsilon of then', () => {
  const now = readKeras({ format: 'keras-h5', file });
  const then = readKeras({ format: 'keras-h5', file: renamed(file, oldName) });
  const plain = (text: string): string =>
    text.replace(/\S+(?= = )|(?<=[(, ])[\w.]+(?=[,):])|epsilon=\S+(?=})|(?<=output )\S+/g, '_');
  expect(plain(print(then.build(64)))).toBe(plain(print(now.build(64))));
  expect(print(then.build(64))).toContain('epsilon=0.001}');
  expect(print(now.build(64))).toContain(
    'epsilon=0.000010010000000000001}'.replace('0.000010010000000000001', '0.00001001'),
  );
});

test.each([
  ['no classifier', (name: string) => (name === 'predictions' ? 'other' : name), /without predictions, the last layer/],
  [
    'another network',
    (name: string) => `my_${name}`,
    /^expected a model with its config, or weights of a ResNet of keras\.applications/,
  ],
])('weights of %s are refused', (_, rename, says) => {
  expect(() => readKeras({ format: 'keras-h5', file: renamed(file, rename) })).toThrow(says);
});

test('a layer that is missing is named', () => {
  const gone = renamed(file, (name) => (name === 'conv5_block2_3_conv' ? 'conv6_block1_3_conv' : name));
  expect(() => readKeras({ format: 'keras-h5', file: gone })).toThrow(
    'expected weights of layer conv5_block2_3_conv, received none: the file is not whole',
  );
});

test('weights that are left over are refused', () => {
  const [array] = file.arrays.values();
  const names = file.attributes.get('')?.get('layer_names') ?? [];
  const more: Hdf5 = {
    arrays: new Map([...file.arrays, ['extra/kernel:0', array!]]),
    attributes: new Map([
      ...file.attributes,
      ['', new Map([['layer_names', [...names, 'extra']]])],
      ['extra', new Map([['weight_names', ['kernel:0']]])],
    ]),
  };
  expect(() => readKeras({ format: 'keras-h5', file: more })).toThrow(
    'the config has none for extra/kernel:0: config and weights belong to different models',
  );
});
