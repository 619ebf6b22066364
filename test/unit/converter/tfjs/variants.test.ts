import { expect, test } from 'vitest';
import type { Network } from '../../../../converter/network.ts';
import { type Json, type TfjsFiles, tfjsFiles, tfjsNetwork } from './sources.ts';

/** All numbers of a network, layer by layer. */
function numbersOf(network: Network): readonly (readonly number[])[] {
  const { nodes, constants } = network.build(network.preprocessing.inputSize);
  return nodes.flatMap(({ inputs }) =>
    inputs.flatMap((name) => {
      const constant = constants.get(name);
      return constant ? [Array.from(constant.read() as Float32Array)] : [];
    }),
  );
}

function edited(name: string, edit: (json: Json) => void): TfjsFiles {
  const files = tfjsFiles(name);
  edit(files.json);
  return files;
}

const nodeOf = (json: Json, name: string): Json => json.modelTopology.node.find((one: Json) => one.name === name);

const GRAPHS: readonly (readonly [string, (json: Json) => void])[] = [
  [
    'texts as lists of bytes',
    (json) => Object.assign(nodeOf(json, 'depth').attr, { padding: { s: [83, 65, 77, 69] } }),
  ],
  ['types by number', (json) => Object.assign(nodeOf(json, 'picture').attr, { dtype: { type: 1 } })],
  ['no signature', (json) => delete json.signature],
  [
    'a signature among what the user defined',
    (json) => {
      json.userDefinedMetadata = { signature: json.signature };
      delete json.signature;
    },
  ],
  ['a shape that only the signature states', (json) => delete nodeOf(json, 'picture').attr.shape],
  ['nodes in another order', (json) => json.modelTopology.node.reverse()],
  ['an input that is only waited for', (json) => nodeOf(json, 'depth').input.push('^stem')],
  ['a node that nothing needs', (json) => json.modelTopology.node.push({ name: 'odd', op: 'NoOp' })],
];

test.each(GRAPHS)('a graph model with %s is the same network', (_, edit) => {
  expect(numbersOf(tfjsNetwork(edited('fused', edit)))).toEqual(numbersOf(tfjsNetwork(tfjsFiles('fused'))));
});

test('a graph that takes whole numbers takes pixels', () => {
  const network = tfjsNetwork(
    edited('plain', (json) => {
      Object.assign(nodeOf(json, 'picture').attr, { dtype: { type: 'DT_INT32' } });
      json.modelTopology.node.push({
        name: 'cast',
        op: 'Cast',
        input: ['picture'],
        attr: { DstT: { type: 'DT_FLOAT' } },
      });
      nodeOf(json, 'scale').input[0] = 'cast';
    }),
  );
  expect(network.preprocessing).toMatchObject({ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' });
});

test('a graph that was exported for one picture takes any number of them', () => {
  const { json, shards } = edited('plain', (model) => {
    nodeOf(model, 'picture').attr.shape.shape.dim[0].size = '1';
    model.modelTopology.node.push({ name: 'fixed', op: 'Const', attr: {} });
    nodeOf(model, 'row').input[1] = 'fixed';
    model.weightsManifest.push({ paths: ['f'], weights: [{ name: 'fixed', shape: [2], dtype: 'int32' }] });
  });
  const fixed = new Uint8Array(Int32Array.of(1, 32).buffer);
  const network = tfjsNetwork({ json, shards: { ...shards, f: fixed } });
  expect(network.build(16).inputs[0]?.dims).toEqual(['N', 3, 16, 16]);
  expect(numbersOf(network)).toEqual(numbersOf(tfjsNetwork(tfjsFiles('plain'))));
});

const arraysOf = (json: Json): Json[] => json.weightsManifest[0].weights;

const LAYERS: readonly (readonly [string, (json: Json) => void])[] = [
  [
    "Keras's config around the model",
    (json) => {
      const { class_name, config } = json.modelTopology;
      json.modelTopology = { keras_version: '2.15.0', backend: 'tensorflow', model_config: { class_name, config } };
    },
  ],
  [
    'the name of the model in front of what is inside it',
    (json) => {
      for (const one of arraysOf(json)) if (/^(depthwise|norm)\//.test(one.name)) one.name = `inner/${one.name}`;
    },
  ],
  [
    'names of TensorFlow 2.2',
    (json) => {
      for (const one of arraysOf(json)) one.name = one.name.replace('/', '/within/');
    },
  ],
];

test.each(LAYERS)('a layers model with %s is the same network', (_, edit) => {
  expect(numbersOf(tfjsNetwork(edited('mobile', edit)))).toEqual(numbersOf(tfjsNetwork(tfjsFiles('mobile'))));
});

test.each(['mobile', 'resnet.uint8', 'plain.uint16', 'mobile.float16'])(
  '%s with every array in a file of its own, the last first, is the same network',
  (name) => {
    const { json, shards } = tfjsFiles(name);
    const whole = Buffer.concat(json.weightsManifest[0].paths.map((path: string) => shards[path]));
    const sizes: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float16: 2 };
    let at = 0;
    const own = arraysOf(json).map((one, i) => {
      const count = one.shape.reduce((all: number, size: number) => all * size, 1);
      const bytes = whole.subarray(at, at + count * (sizes[one.quantization?.dtype] ?? 4));
      at += bytes.length;
      return { group: { paths: [`w${i}`], weights: [one] }, shard: [`w${i}`, new Uint8Array(bytes)] as const };
    });
    const manifest = own.map(({ group }) => group).reverse();
    const apart = {
      json: { ...json, weightsManifest: manifest },
      shards: Object.fromEntries(own.map(({ shard }) => shard)),
    };
    expect(numbersOf(tfjsNetwork(apart))).toEqual(numbersOf(tfjsNetwork({ json, shards })));
  },
);
