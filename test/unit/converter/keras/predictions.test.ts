import { expect, test } from 'vitest';
import { calibrated, classic, convertNetwork, largestDifference, raw } from '../conversions.ts';
import { logitsOf } from '../runner.ts';
import { EXPECTED, kerasBytes, kerasInput, kerasNetwork } from './sources.ts';

test.each(Object.entries(EXPECTED))("%s gives Keras's own scores", async (name, { size, scores }) => {
  const network = await kerasNetwork(kerasBytes(name));
  const { model } = await convertNetwork(network, classic(size, { layout: 'nhwc' }));
  const found = await logitsOf(model, kerasInput(size));
  expect(largestDifference(found, Float32Array.from(scores))).toBeLessThan(1e-4);
});

const CAFFE = { channels: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] };
const TENSORFLOW = { channels: 'rgb', scale: 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
const INSIDE = { channels: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };

test.each([
  ['resnet.2.h5', 'resnet50', 'keras-h5', 32, 'probabilities', CAFFE, /Caffe/],
  ['resnet.2.kernels.h5', 'resnet26', 'keras-h5', 224, 'probabilities', CAFFE, /Caffe/],
  ['resnetv2.3.keras', 'resnet50v2', 'keras', 32, 'probabilities', TENSORFLOW, /TensorFlow/],
  ['variety.2.h5', 'keras', 'keras-h5', 16, 'probabilities', INSIDE, /prepared inside/],
  ['plain.3.keras', 'keras', 'keras', 16, 'logits', INSIDE, /prepared inside/],
] as const)(
  '%s says what it is and how its pictures are prepared',
  async (file, name, format, size, output, values, words) => {
    const network = await kerasNetwork(kerasBytes(file));
    expect(network).toMatchObject({ name, format, classes: 5, output });
    expect(network.preprocessing).toEqual({ ...values, inputSize: size, layout: 'nhwc' });
    expect(network.description).toMatch(words);
  },
);

test.each([
  ['resnet.2.h5', []],
  ['resnetv2.3.keras', ['Pad']],
  ['plain.3.keras', []],
] as const)('%s as INT8 takes raw pictures and follows its FP32 form', async (name, floats) => {
  const network = await kerasNetwork(kerasBytes(name));
  const { inputSize, layout: _, ...values } = network.preprocessing;
  const preprocessing = raw(inputSize, values);
  const { int8, maxAbsError } = await convertNetwork(network, preprocessing, { int8: calibrated(preprocessing) });
  expect(maxAbsError).toBeLessThan(1e-3);
  expect(int8?.judgement.sqnrDb).toBeGreaterThan(15);
  expect(int8?.floatNodes.map(({ op }) => op)).toEqual(floats);
});

test('a network that takes pictures of any size is built for the one that is wanted', async () => {
  const network = await kerasNetwork(kerasBytes('resnet.2.h5'));
  expect(network.build(64).inputs[0]?.dims).toEqual(['N', 3, 64, 64]);
  const flat = await kerasNetwork(kerasBytes('plain.2.h5'));
  expect(() => flat.build(32)).toThrow(/^expected --input-size 16, for which the model was made, received 32/);
});
