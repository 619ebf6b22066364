import { expect, test } from 'vitest';
import { readTfjs } from '../../../../converter/tfjs-network.ts';
import { type Json, type TfjsFiles, tfjsFiles, tfjsNetwork } from './sources.ts';

/** A model with a part of its JSON changed. */
function edited(name: string, edit: (json: Json) => void): TfjsFiles {
  const files = tfjsFiles(name);
  edit(files.json);
  return files;
}

const node =
  (name: string, change: (node: Json) => void) =>
  ({ modelTopology }: Json): void =>
    change(modelTopology.node.find((one: Json) => one.name === name));
const layer =
  (name: string, change: (layer: Json) => void) =>
  ({ modelTopology: { model_config: own, config = own.config } }: Json): void =>
    change(config.layers.find((one: Json) => one.config.name === name));
const array =
  (name: string, change: (array: Json) => void) =>
  ({ weightsManifest: [group] }: Json): void =>
    change(group.weights.find((one: Json) => one.name === name));

const CASES: readonly (readonly [string, string, (json: Json) => void, RegExp])[] = [
  [
    'no topology',
    'plain',
    (json) => delete json.modelTopology,
    /expected a modelTopology .* received none: save the whole/,
  ],
  [
    'no manifest',
    'plain',
    (json) => delete json.weightsManifest,
    /expected a list of groups of weights .* received none/,
  ],
  ['no nodes', 'plain', (json) => Object.assign(json.modelTopology, { node: [] }), /list of nodes in modelTopology/],
  [
    'an operator of other networks',
    'plain',
    node('leaky', (one) => Object.assign(one, { op: 'ResizeBilinear' })),
    /received node leaky \(ResizeBilinear\): cut the model before it/,
  ],
  [
    'a loop',
    'plain',
    node('leaky', (one) => Object.assign(one, { op: 'StatelessWhile' })),
    /always runs the same way, received node leaky \(StatelessWhile\): convert the network without branches/,
  ],
  [
    'mirrored padding',
    'plain',
    node('pad', (one) => Object.assign(one, { op: 'MirrorPad' })),
    /padding with a constant, received a mirrored one: .* in node pad \(MirrorPad\)/,
  ],
  [
    'channels in front',
    'fused',
    node('depth', ({ attr }) => Object.assign(attr, { data_format: { s: 'TkNIVw==' } })),
    /data_format NHWC, received NCHW: .* in node depth/,
  ],
  [
    'strides from picture to picture',
    'fused',
    node('depth', ({ attr }) => Object.assign(attr, { strides: { list: { i: ['2', '1', '1', '1'] } } })),
    /\[1, rows, columns, 1\] as strides, received \[2,1,1,1\] in node depth/,
  ],
  [
    'padding of channels',
    'fused',
    node('explicit', ({ attr }) =>
      Object.assign(attr, { explicit_paddings: { list: { i: ['0', '0', '1', '0', '0', '2', '0', '1'] } } }),
    ),
    /explicit_paddings of rows and columns, received \[0,0,1,0,0,2,0,1\] in node explicit/,
  ],
  [
    'a fused activation that is not known',
    'fused',
    node('depth', ({ attr }) => Object.assign(attr, { fused_ops: { list: { s: ['Qmlhc0FkZA==', 'T2Rk'] } } })),
    /an activation that is known among its fused_ops, received Odd in node depth/,
  ],
  [
    'a batch norm that is still trained',
    'plain',
    node('norm', ({ attr }) => Object.assign(attr, { is_training: { b: true } })),
    /a trained model, received one in training mode: .* in node norm \(FusedBatchNormV3\)/,
  ],
  [
    'statistics of a batch norm that is still trained',
    'plain',
    node('relu6', (one) => Object.assign(one, { input: ['norm:1'] })),
    /the first result alone to be read of node norm/,
  ],
  [
    'a node that is not there',
    'plain',
    node('leaky', (one) => Object.assign(one, { input: ['gone'] })),
    /found none for gone, which node leaky \(LeakyRelu\) reads/,
  ],
  [
    'nodes in a circle',
    'plain',
    node('depth', (one) => Object.assign(one, { input: ['leaky', 'depth/filter'] })),
    /a graph without cycles, found one through node/,
  ],
  [
    'scores that are a constant',
    'fused',
    node('Identity', (one) => Object.assign(one, { input: ['w0'] })),
    /scores that depend on the picture as output w0, received a constant/,
  ],
  [
    'scores that are computed from constants alone',
    'fused',
    node('Identity', (one) => Object.assign(one, { op: 'LeakyRelu', input: ['w0'] })),
    /scores that depend on the picture as output Identity, received a constant/,
  ],
  [
    'counts that are no whole numbers',
    'plain',
    node('pad', (one) => Object.assign(one, { input: ['relu6', 'bounded/y'] })),
    /at most 16 whole numbers as paddings in node pad \(Pad\)/,
  ],
  [
    'a constant without an array',
    'plain',
    array('stem/filter', (one) => Object.assign(one, { name: 'other' })),
    /an array in weightsManifest for the constant stem\/filter, received none: topology and weights belong/,
  ],
  [
    'a constant of another shape',
    'plain',
    array('stem/filter', (one) => Object.assign(one, { shape: [3, 3, 4, 3] })),
    /expected \[3,3,3,4\] as the constant stem\/filter, received \[3,3,4,3\]: topology and weights belong/,
  ],
  [
    'a Lambda layer',
    'resnet',
    layer('pool', (one) => Object.assign(one, { class_name: 'Lambda' })),
    /received a Lambda layer, whose code is Python, called pool: build the model without it/,
  ],
  [
    'a layer of a class of its own',
    'resnet',
    layer('pool', (one) => Object.assign(one, { class_name: 'Odd' })),
    /received one of class Odd, called pool/,
  ],
  [
    'filters that the weights have not',
    'resnet',
    layer('stem', ({ config }) => Object.assign(config, { filters: 7 })),
    /expected kernel \[3, 3, 3, 7\] of layer stem, received \[3, 3, 3, 6\]: config and weights belong/,
  ],
  [
    'weights of a layer that is not there',
    'resnet',
    array('predictions/bias', (one) => Object.assign(one, { name: 'gone/bias' })),
    /expected kernel, bias of layer predictions, received 1 arrays: config and weights belong/,
  ],
  [
    'an array of texts',
    'resnet',
    array('stem/kernel', (one) => Object.assign(one, { dtype: 'string' })),
    /float32, int32 or bool as the type of stem\/kernel, received "string"/,
  ],
  [
    'an array of half a row',
    'resnet',
    array('stem/kernel', (one) => Object.assign(one, { shape: [3, 3, 3, 5.5] })),
    /at most 8 whole numbers as the shape of stem\/kernel/,
  ],
  [
    'an array beyond memory',
    'resnet',
    array('stem/kernel', (one) => Object.assign(one, { shape: [1e6, 1e6] })),
    /expected weights below 2 GiB, weightsManifest lists more/,
  ],
  [
    'two arrays of one name',
    'resnet',
    array('stem/kernel', (one) => Object.assign(one, { name: 'predictions/bias' })),
    /expected one array called predictions\/bias, received two/,
  ],
  [
    'numbers quantized in another way',
    'resnet.uint8',
    array('stem/kernel', ({ quantization }) => Object.assign(quantization, { dtype: 'int4' })),
    /expected stem\/kernel \(float32\) to be quantized to uint8, uint16 or float16, received "int4"/,
  ],
  [
    'an array whose type is no text',
    'resnet',
    array('stem/kernel', (one) => Object.assign(one, { dtype: { s: 'Cg==' } })),
    /float32, int32 or bool as the type of stem\/kernel, received \{"s":"Cg=="\}/,
  ],
  [
    'quantized numbers without their scale',
    'resnet.uint8',
    array('stem/kernel', ({ quantization }) => delete quantization.scale),
    /numbers as scale and min of the quantized stem\/kernel/,
  ],
];

test.each(CASES)('refuses %s in one line', (_, name, edit, says) => {
  const files = edited(name, edit);
  expect(() => tfjsNetwork(files)).toThrow(says);
  expect(() => tfjsNetwork(files)).not.toThrow('\n');
});

test('refuses a shard that is cut short, naming it', () => {
  const { json, shards } = tfjsFiles('fused.uint8');
  const short = Object.fromEntries(Object.entries(shards).map(([name, bytes]) => [name, bytes.subarray(1)]));
  expect(() => tfjsNetwork({ json, shards: short })).toThrow(
    /^expected \d+ bytes of weights in group1-shard1of1.bin, received \d+: a shard is cut short, or another model's$/,
  );
});

test('refuses shards of which one is longer than all arrays, before it reads the rest', () => {
  const { json, shards } = tfjsFiles('resnet');
  const [first = '', ...others] = Object.keys(shards);
  const read = (name: string): Uint8Array => {
    if (name === first) return new Uint8Array(10_000_000);
    throw new Error(`read ${name}`);
  };
  const last = others.at(-1) ?? '';
  expect(() => readTfjs(JSON.stringify(json), read)).toThrow(
    new RegExp(`bytes of weights in ${first} to ${last}, received more: `),
  );
});

test('refuses what is no JSON, and JSON that is no model', () => {
  const read = (): Uint8Array => new Uint8Array();
  expect(() => readTfjs('{"modelTopology', read)).toThrow(/^expected the JSON of a TensorFlow.js model, received \{/);
  expect(() => readTfjs('[]', read)).toThrow(/it is damaged, download or save it again$/);
  const deep = `{"modelTopology":{"node":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
  expect(() => readTfjs(deep, read)).toThrow(/it is damaged, download or save it again$/);
});

test('arrays that only training needs are left out', () => {
  const { json, shards } = tfjsFiles('resnet');
  const [group] = json.weightsManifest;
  const spare = { name: 'stem/kernel/momentum', shape: [2], dtype: 'float32', group: 'optimizer' };
  const manifest = [group, { paths: ['more'], weights: [spare] }];
  const files = { json: { ...json, weightsManifest: manifest }, shards: { ...shards, more: new Uint8Array(8) } };
  expect(tfjsNetwork(files).parameters).toBe(tfjsNetwork(tfjsFiles('resnet')).parameters);
});
