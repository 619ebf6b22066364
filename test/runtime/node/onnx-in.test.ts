import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { json, PICTURES, ROOT, refuse, succeed } from './resedge.ts';

const source = (name: string): string => join(ROOT, 'test/golden/onnx/sources', name);

const [picture = ''] = readdirSync(PICTURES).map((name) => join(PICTURES, name));

test('a TensorFlow export becomes INT8 and classifies', async () => {
  const folder = folderWith();
  const output = join(folder, 'int8.onnx');
  const labels = join(folderWith({ 'labels.txt': 'a\nb\nc\nd\ne\n' }), 'labels.txt');
  const converted = await json([
    'convert',
    source('tf2onnx.onnx'),
    '-o',
    output,
    '--calibrate',
    PICTURES,
    '--labels',
    labels,
    '--force',
  ]);
  expect(converted).toMatchObject({ arch: 'onnx', precision: 'int8', floatNodes: [{ op: 'LeakyRelu' }] });
  const answer = (await json(['classify', picture, '--model', output])) as {
    readonly top: readonly { readonly label: string; readonly probability: number }[];
  };
  expect(answer.top.map(({ label }) => label).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(answer.top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
});

test('a float input keeps the layout of its source', async () => {
  const output = join(folderWith(), 'float.onnx');
  const base = ['convert', source('tf2onnx.onnx'), '-o', output, '--precision', 'fp32', '--input', 'float'];
  await succeed(base);
  expect(await json(['inspect', output])).toMatchObject({ inputs: [{ dims: ['N', 16, 16, 3] }] });
  await succeed([...base, '--layout', 'nchw']);
  expect(await json(['inspect', output])).toMatchObject({ inputs: [{ dims: ['N', 3, 16, 16] }] });
});

describe('refuses in one line', () => {
  const fp32 = ['-o', 'out.onnx', '--precision', 'fp32'];

  test('external data that is not there', async () => {
    const folder = folderWith();
    copyFileSync(source('external.onnx'), join(folder, 'm.onnx'));
    await refuse(['convert', 'm.onnx', ...fp32], { code: 1, says: /external\.bin: expected .*no such file/, folder });
  });

  test('an architecture for a model that states its own', async () => {
    const says = /--arch belongs to weights/;
    await refuse(['convert', source('pytorch.onnx'), '--arch', 'resnet18', ...fp32], { code: 2, says });
  });

  test('another size than the model was exported for', async () => {
    const says = /expected --input-size 16, for which the model was exported, received 32/;
    await refuse(['convert', source('mobile.onnx'), '--input-size', '32', ...fp32], { code: 2, says });
  });

  test('an .onnx file of other bytes', async () => {
    const folder = folderWith({ 'm.onnx': 'no model at all' });
    await refuse(['convert', 'm.onnx', ...fp32], { code: 1, says: /m\.onnx: expected a whole ONNX model/, folder });
  });
});
