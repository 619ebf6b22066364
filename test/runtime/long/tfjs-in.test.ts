import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kerasBytes } from '../../unit/converter/keras/sources.ts';
import { tfjsFiles } from '../../unit/converter/tfjs/sources.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { json, PICTURES, refuse, succeed } from '../node/resedge.ts';

const FP32 = ['-o', 'out.onnx', '--precision', 'fp32'];

/** A folder with a golden model as TensorFlow.js saves it. */
function folderOf(golden: string): string {
  const files = tfjsFiles(golden);
  return folderWith({ 'model.json': JSON.stringify(files.json), ...files.shards });
}

test('a layers model with quantized weights becomes INT8 and classifies', async () => {
  const folder = folderOf('resnet.uint8');
  const output = join(folder, 'int8.onnx');
  const base = ['convert', join(folder, 'model.json'), '-o', output, '--calibrate', PICTURES, '--force'];
  expect(await json(base)).toMatchObject({ arch: 'tfjs', precision: 'int8', floatNodes: [] });
  const [picture = ''] = readdirSync(PICTURES).map((name) => join(PICTURES, name));
  const { top } = (await json(['classify', picture, '--model', output])) as {
    readonly top: readonly { readonly probability: number }[];
  };
  expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
});

test('a folder stands for the model in it', async () => {
  const folder = folderOf('fused');
  const text = await succeed(['convert', folder, '-o', join(folder, 'out.onnx'), '--precision', 'fp32']);
  expect(text).toMatch(/tfjs: TensorFlow.js graph model, 5 convolutions, 2 dense layers, 5 classes/);
  expect(await json(['inspect', folder])).toMatchObject({ kind: 'network', format: 'tfjs-graph', inputSize: 17 });
});

test('inspect draws the layers of a whole model', async () => {
  const folder = folderOf('mobile');
  const text = await succeed(['inspect', join(folder, 'model.json'), '--layers']);
  expect(text).toMatch(/network +tfjs: TensorFlow.js layers model, 4 convolutions/);
  expect(text).toMatch(/picture +16 x 16/);
  expect(text).toMatch(/\n {2}stem +Conv\+Elu +1 x 4 x 16 x 16 +112 +27\.6 k +4 kB +float32/);
  const keras = folderWith({ 'model.h5': kerasBytes('plain.2.h5') });
  expect(await json(['inspect', join(keras, 'model.h5')])).toMatchObject({ kind: 'network', format: 'keras-h5' });
});

test('a shard that is missing is named in one line', async () => {
  const { json: model } = tfjsFiles('fused');
  const folder = folderWith({ 'model.json': JSON.stringify(model) });
  const says = /model\.json: .*group1-shard1of1\.bin: expected a file of the model's weights, no such file/;
  await refuse(['convert', 'model.json', ...FP32], { code: 1, says, folder });
});

test('an architecture for a model that states its own is refused', async () => {
  const says = /--arch belongs to weights: model\.json is a TensorFlow\.js model/;
  await refuse(['convert', 'model.json', '--arch', 'resnet18', ...FP32], { code: 2, says, folder: folderOf('fused') });
});
