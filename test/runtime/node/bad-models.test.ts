import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { bundledModels } from './models.ts';
import { PICTURES, ROOT, refuse, WEIGHTS } from './resedge.ts';

const models = bundledModels();

describe('a model that cannot be used', () => {
  test('one that resedge did not make: what is missing, and which flags supply it', async () => {
    const foreign = join(ROOT, 'test/golden/runtime/float-conv.onnx');
    const says = new RegExp(
      [
        'float-conv\\.onnx: expected a model made by resedge convert, received one without the metadata',
        'resedge\\.labels, resedge\\.preprocessing',
        '--labels <file>',
        '--input-size <px>',
        '--mean a,b,c --std a,b,c',
      ].join('.*'),
    );
    await refuse(['classify', PICTURES, '--model', foreign], { code: 1, says });
    await refuse(['classify', PICTURES, '--model', foreign, '--json'], { code: 1, says });
    await refuse(['evaluate', PICTURES, '--model', models.int8, '--reference', foreign], { code: 1, says });
    await refuse(['bench', '--model', foreign], { code: 1, says });
  });

  test.each<readonly [string, () => string | Uint8Array, RegExp]>([
    ['cut short', () => readFileSync(models.int8).subarray(0, 100_000), /model\.onnx: expected a whole ONNX model/],
    ['weights', () => readFileSync(WEIGHTS), /model\.onnx: expected an ONNX model, .*resedge convert <weights>/],
    ['text', () => 'a model', /model\.onnx: expected an ONNX model, found a file of another kind/],
    ['nothing', () => '', /model\.onnx: expected an ONNX model/],
  ])('one that is %s', async (_, content, says) => {
    const folder = folderWith({ 'model.onnx': content() });
    await refuse(['classify', PICTURES, '--model', 'model.onnx'], { code: 1, says, folder });
  });

  test('a folder, or nothing there', async () => {
    await refuse(['classify', PICTURES, '--model', '.'], {
      code: 1,
      says: /\.: expected an ONNX model, found a folder/,
    });
    await refuse(['bench', '--model', 'gone.onnx'], {
      code: 1,
      says: /gone\.onnx: expected an ONNX model, no such file/,
    });
  });
});

test('a model of two inputs fails in evaluate, while the next pictures are decoded', async () => {
  const model = decodeModel(new Uint8Array(readFileSync(models.int8)));
  const [input] = model.graph.inputs;
  const two = { ...model, graph: { ...model.graph, inputs: [input!, { ...input!, name: 'other' }] } };
  const drawing = readFileSync(join(PICTURES, 'cat.svg'));
  const pictures = Array.from({ length: 60 }, (_, i) => [`in/cat/${i}.svg`, drawing] as const);
  const folder = folderWith({ ...Object.fromEntries(pictures), 'model.onnx': Buffer.concat([...encodeModel(two)]) });
  await refuse(['evaluate', 'in', '--model', 'model.onnx'], { code: 1, says: /input/, folder });
});
