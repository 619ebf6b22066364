import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Network } from '../../../../converter/network.ts';
import { factsBeside, withFacts } from '../../../../src/node/hub/beside.ts';
import { folderWith } from '../folder.ts';

const UNKNOWN = '0'.repeat(64);
const facts = (files: Readonly<Record<string, string>>, sha256 = UNKNOWN) =>
  factsBeside(join(folderWith({ 'model.safetensors': '', ...files }), 'model.safetensors'), sha256);

test("weights with nothing beside them, or with another program's config, have no facts", () => {
  expect(facts({})).toBeUndefined();
  expect(facts({ 'config.json': '{"compilerOptions":{}}' })).toBeUndefined();
});

test('both files of transformers are read', () => {
  const found = facts({
    'config.json': '{"model_type":"resnet","id2label":{"0":"cat","1":"dog"}}',
    'preprocessor_config.json': '{"size":224,"crop_pct":0.875}',
  });
  expect(found).toMatchObject({ labels: ['cat', 'dog'], preprocessing: { inputSize: 224, resize: 256 } });
});

test('a config that is not JSON is said and not used', () => {
  expect(facts({ 'config.json': '{"architecture":' })?.warnings).toEqual([
    expect.stringMatching(/config\.json is not JSON: nothing was read from it$/),
  ]);
});

test('nor is a config of lists inside one another without an end', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const config = `{"architecture":"resnet18","pretrained_cfg":{"interpolation":${deep}}}`;
  expect(facts({ 'config.json': config })?.warnings).toEqual([expect.stringMatching(/config\.json is not JSON: /)]);
});

test('nor is such a preprocessor_config.json, while the config beside it holds', () => {
  const config = '{"model_type":"resnet","id2label":{"0":"cat","1":"dog"}}';
  const found = facts({ 'config.json': config, 'preprocessor_config.json': '{"size":' });
  expect(found).toMatchObject({ labels: ['cat', 'dog'] });
  expect(found?.warnings).toContainEqual(
    expect.stringMatching(/preprocessor_config\.json is not JSON: nothing was read from it$/),
  );
});

test('a config that makes no sense is refused with its path', () => {
  expect(() => facts({ 'config.json': '{"architecture":"resnet18","num_classes":-1}' })).toThrow(
    /config\.json: expected a number of classes for num_classes, received -1$/,
  );
});

test("torchvision's files are known by their hash, whatever they are called", () => {
  expect(facts({}, `11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca`)).toMatchObject({
    preprocessing: { inputSize: 224, resize: 232, mean: [0.485, 0.456, 0.406] },
  });
});

test('an ONNX model in its own folder takes what describes it from above, unless it says so itself', () => {
  const folder = folderWith({
    'onnx/model.onnx': '',
    'config.json': '{"model_type":"resnet","id2label":{"0":"cat","1":"dog"}}',
    'preprocessor_config.json': '{"image_mean":[0.5,0.5,0.5],"size":64,"crop_pct":0.5}',
  });
  const stated = factsBeside(join(folder, 'onnx/model.onnx'), UNKNOWN);
  const network = model(2);
  const { labels, preprocessing } = withFacts(network, stated);
  expect(labels).toEqual(['cat', 'dog']);
  expect(preprocessing).toEqual({ inputSize: 32, mean: [0.5, 0.5, 0.5] });
  const fitting = { ...network, preprocessing: { inputSize: 64 } };
  expect(withFacts(fitting, stated).preprocessing).toMatchObject({ inputSize: 64, resize: 128 });
  const own = { ...network, labels: ['a', 'b'] };
  expect(withFacts(own, stated)).toBe(own);
  expect(withFacts(network, undefined)).toBe(network);
  expect(() => withFacts(model(3), stated)).toThrow('which states 2 classes, found a model with 3');
});

function model(classes: number): Network {
  const build = (): never => expect.fail('nothing is built');
  const said = {
    name: 'onnx',
    description: '',
    format: 'onnx',
    parameters: 0,
    warnings: [],
    output: 'logits',
  } as const;
  return { ...said, classes, preprocessing: { inputSize: 32 }, build };
}
