import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kerasBytes } from '../../unit/converter/keras/sources.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { json, PICTURES, refuse, succeed } from '../node/resedge.ts';

const [picture = ''] = readdirSync(PICTURES).map((name) => join(PICTURES, name));

/** A folder with a golden file under a name. */
function folderOf(golden: string, name: string): string {
  const folder = folderWith();
  writeFileSync(join(folder, name), kerasBytes(golden));
  return folder;
}

test('a ResNet of keras.applications becomes INT8 with its own preprocessing, and classifies', async () => {
  const folder = folderOf('resnet.2.h5', 'model.h5');
  const [source, output] = [join(folder, 'model.h5'), join(folder, 'int8.onnx')];
  const base = ['convert', source, '-o', output, '--calibrate', PICTURES, '--force'];
  expect(await json(base)).toMatchObject({ arch: 'resnet50', precision: 'int8', floatNodes: [] });
  const { metadata } = (await json(['inspect', output])) as { readonly metadata: unknown };
  expect(metadata).toMatchObject({
    output: 'probabilities',
    preprocessing: { channels: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1], inputSize: 32 },
    source: { format: 'keras-h5' },
  });
  const { top } = (await json(['classify', picture, '--model', output])) as {
    readonly top: readonly { readonly probability: number }[];
  };
  expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
});

test('an archive of Keras 3 says what it is', async () => {
  const folder = folderOf('resnetv2.3.keras', 'model.keras');
  const [source, output] = [join(folder, 'model.keras'), join(folder, 'out.onnx')];
  const text = await succeed(['convert', source, '-o', output, '--precision', 'fp32']);
  expect(text).toMatch(/resnet50v2: Keras model, .* behind a softmax, pictures in TensorFlow's way \(-1 to 1\)/);
});

describe('refuses in one line', () => {
  const fp32 = ['-o', 'out.onnx', '--precision', 'fp32'];

  test('a link to another file', async () => {
    const folder = folderOf('external-link.h5', 'm.h5');
    const says = /m\.h5: expected a file that holds all its data, .* a link to another file/;
    await refuse(['convert', 'm.h5', ...fp32], { code: 1, says, folder });
  });

  test('a file of another kind with the name of one', async () => {
    const folder = folderWith({ 'm.keras': 'no model at all' });
    await refuse(['convert', 'm.keras', ...fp32], {
      code: 1,
      says: /m\.keras: expected a Keras model, .* received neither/,
      folder,
    });
  });

  test('an architecture for a model that states its own', async () => {
    const folder = folderOf('plain.2.h5', 'm.h5');
    const says = /--arch belongs to weights: m\.h5 is a Keras model/;
    await refuse(['convert', 'm.h5', '--arch', 'resnet18', ...fp32], { code: 2, says, folder });
  });

  test('a size that the layers do not fit', async () => {
    const folder = folderOf('plain.2.h5', 'm.h5');
    const says = /expected --input-size 16, for which the model was made, received 32/;
    await refuse(['convert', 'm.h5', '--input-size', '32', ...fp32], { code: 2, says, folder });
  });
});
