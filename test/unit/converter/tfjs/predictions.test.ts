import { expect, test } from 'vitest';
import { print } from '../../../../converter/graph/print.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { calibrated, classic, convertNetwork, largestDifference, raw } from '../conversions.ts';
import { kerasInput } from '../keras/sources.ts';
import { logitsOf } from '../runner.ts';
import { EXPECTED, tfjsFiles, tfjsNetwork } from './sources.ts';

test.each(Object.entries(EXPECTED))("%s gives TensorFlow.js's own scores", async (name, { size, scores }) => {
  const network = tfjsNetwork(tfjsFiles(name));
  const { model } = await convertNetwork(network, classic(size, { layout: 'nhwc' }));
  const found = await logitsOf(model, kerasInput(size));
  expect(largestDifference(found, Float32Array.from(scores))).toBeLessThan(1e-4);
});

test.each([
  ['resnet', 'tfjs-layers', 32, 'probabilities', /^tfjs: TensorFlow.js layers model, 6 convolutions, 1 dense layer/],
  ['mobile', 'tfjs-layers', 16, 'logits', /^tfjs: TensorFlow.js layers model, 4 convolutions, 2 dense layers/],
  ['plain', 'tfjs-graph', 16, 'probabilities', /^tfjs: TensorFlow.js graph model, 3 convolutions, 1 dense layer/],
  ['fused', 'tfjs-graph', 17, 'logits', /^tfjs: TensorFlow.js graph model, 5 convolutions, 2 dense layers/],
] as const)('%s says what it is', (name, format, inputSize, output, words) => {
  const network = tfjsNetwork(tfjsFiles(name));
  expect(network).toMatchObject({ name: 'tfjs', format, classes: 5, output, warnings: [] });
  expect(network.preprocessing).toEqual({ inputSize, layout: 'nhwc' });
  expect(network.description).toMatch(words);
});

test.each(['resnet', 'mobile', 'plain', 'fused'])('%s keeps no change of layout and no batch norm', (name) => {
  const { size } = EXPECTED[name]!;
  const text = print(applyPasses(tfjsNetwork(tfjsFiles(name)).build(size), FOLD));
  expect(text).not.toMatch(/BatchNormalization/);
  // Numbers of an image lie in a row as TensorFlow lays them out.
  expect(text.match(/Transpose/g) ?? []).toHaveLength(name === 'mobile' || name === 'plain' ? 1 : 0);
});

test('names of functions that were written in where they are called are left out', () => {
  const names = tfjsNetwork(tfjsFiles('fused'))
    .build(17)
    .nodes.map(({ name }) => name);
  expect(names).toContain('stem');
});

test.each(['resnet.uint8', 'plain'])('%s as INT8 takes raw pictures and follows its FP32 form', async (name) => {
  const network = tfjsNetwork(tfjsFiles(name));
  const preprocessing = raw(network.preprocessing.inputSize);
  const { int8, maxAbsError } = await convertNetwork(network, preprocessing, { int8: calibrated(preprocessing) });
  expect(maxAbsError).toBeLessThan(1e-3);
  expect(int8?.judgement.sqnrDb).toBeGreaterThan(15);
});
