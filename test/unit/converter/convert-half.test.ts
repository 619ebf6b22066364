import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { decodeMetadata } from '../../../src/onnx/metadata.ts';
import { classic, convertFile, pictures, raw } from './conversions.ts';
import { logitsOf } from './runner.ts';

const bundled = new Uint8Array(
  readFileSync(new URL('../../../models/resnet20-cifar10/resnet20-cifar10.safetensors', import.meta.url)),
);

test.each([
  ['raw', raw(32), 'uint8', ['N', 32, 32, 3]],
  ['float', classic(32), 'float32', ['N', 3, 32, 32]],
  ['channels-last float', classic(32, { layout: 'nhwc' }), 'float32', ['N', 32, 32, 3]],
] as const)(
  'a trained network in float16 with a %s input: the interface of FP32, half the size, 55 dB',
  async (_, preprocessing, dtype, dims) => {
    const { model, fp16 } = await convertFile(bundled, preprocessing, { fp16: {} });
    const { model: fp32 } = await convertFile(bundled, preprocessing);
    const { graph, metadata } = decodeModel(model);
    expect(graph.inputs).toEqual([{ name: 'input', dtype, dims }]);
    expect(graph.outputs).toEqual([{ name: 'fc', dtype: 'float32', dims: ['N', 10] }]);
    expect(decodeMetadata(metadata)).toMatchObject({ precision: 'fp16', scheme: null });
    expect(model.length / fp32.length).toBeLessThan(0.52);
    expect(fp16).toMatchObject({ single: [], judgement: { agreement: 1, pictures: 16, generated: true } });
    expect(fp16?.judgement.sqnrDb).toBeGreaterThan(55);
    const input = modelInput(probePicture(32, 5), preprocessing);
    const [exact, found] = [await logitsOf(fp32, input), await logitsOf(model, input)];
    for (const [i, value] of found.entries()) expect(Math.abs(value - exact[i]!)).toBeLessThan(2e-2);
  },
);

test('is judged on the pictures that are given', async () => {
  const { fp16 } = await convertFile(bundled, raw(32), { fp16: { pictures: pictures(raw(32), [1, 2, 3]) } });
  expect(fp16?.judgement).toMatchObject({ pictures: 3, generated: false });
  const none = convertFile(bundled, raw(32), { fp16: { pictures: pictures(raw(32), []) } });
  await expect(none).rejects.toThrow(/^expected at least one readable picture/);
});

test('of a fixed batch, every shape is a number', async () => {
  const { model } = await convertFile(bundled, raw(32), { file: { batch: 2 } });
  const { graph } = decodeModel(model);
  expect(graph.inputs[0]?.dims).toEqual([2, 32, 32, 3]);
  expect(graph.outputs[0]?.dims).toEqual([2, 10]);
});
