import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { PICTURES, ROOT, resedge } from '../node/resedge.ts';

const golden = join(ROOT, 'test/golden/tflite');
const quantized = join(golden, 'resnet.int8.tflite');

test('a quantized model is converted with its own scales, and classifies', async () => {
  const model = join(folderWith(), 'model.onnx');
  const converted = await resedge(['convert', quantized, '-o', model, '--method', 'mse', '--json']);
  expect(converted).toMatchObject({
    code: 0,
    stderr: 'resedge: --method is not used by a source that is quantized already and keeps its scales\n',
  });
  expect(JSON.parse(converted.stdout)).toMatchObject({
    scheme: 'u8s8',
    precision: 'int8',
    judgement: { generated: true },
  });
  const classified = await resedge(['classify', PICTURES, '--model', model, '--json']);
  expect(classified.code).toBe(0);
  expect(classified.stdout.trimEnd().split('\n')).toHaveLength(10);
});

test('it is judged on the pictures that are given, and refused below what is asked of it', async () => {
  const model = join(folderWith(), 'model.onnx');
  const judged = ['convert', quantized, '-o', model, '--calibrate', PICTURES];
  const refused = await resedge([...judged, '--min-sqnr', '60']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^resedge: expected the INT8 model to be within 60 dB .* of FP32, it is at \d+\.\d dB/m,
  );
  const { code, stdout } = await resedge(judged);
  expect(code).toBe(0);
  expect(stdout).toMatch(/scheme +u8s8 as the source has it, its own scales/);
  expect(stdout).toMatch(/on 10 pictures/);
});

test('another scheme is calibrated anew, and so is a model of floats', async () => {
  const model = join(folderWith(), 'model.onnx');
  const anew = await resedge(['convert', quantized, '-o', model, '--scheme', 's8s8']);
  expect(anew).toMatchObject({ code: 2, stderr: expect.stringMatching(/^resedge: INT8 needs to know the ranges/) });
  const floats = await resedge(['convert', join(golden, 'resnet.float.tflite'), '-o', model]);
  expect(floats).toMatchObject({ code: 2, stderr: expect.stringMatching(/^resedge: INT8 needs to know the ranges/) });
});

test('a damaged file is named, in one line', async () => {
  const folder = folderWith({ 'cut.tflite': readFileSync(quantized).subarray(0, 9000) });
  const path = join(folder, 'cut.tflite');
  for (const args of [
    ['convert', path, '-o', join(folder, 'model.onnx')],
    ['inspect', path],
  ]) {
    const { code, stderr } = await resedge(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resedge: \S+cut\.tflite: expected a whole TFLite model, .*\n$/);
  }
});
