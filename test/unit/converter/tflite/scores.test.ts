import { expect, test } from 'vitest';
import { indexOfLargest } from '../../../../src/tensor/fidelity.ts';
import { calibrated, convertNetwork, largestDifference } from '../conversions.ts';
import { logitsOf } from '../runner.ts';
import { convertTflite, EXPECTED, FILES, patterns, prepared, tfliteNetwork } from './sources.ts';

const CLASSES = 10;
const pictures = patterns(12);

/** As LiteRT has it: nothing that depends on the kernels of the machine at hand. */
async function scoresOf(name: string): Promise<readonly number[]> {
  return [...(await logitsOf((await convertTflite(name)).model, pictures, 'disabled'))];
}

function labelsOf(scores: readonly number[]): readonly number[] {
  return Array.from({ length: scores.length / CLASSES }, (_, i) =>
    indexOfLargest(Float32Array.from(scores.slice(i * CLASSES, (i + 1) * CLASSES))),
  );
}

test('every fixture has its scores', () => {
  expect(FILES.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

test.each(['resnet.float', 'resnet.half', 'mobile.float', 'mobile.labelled', 'variety.float', 'odds.float'])(
  "%s gives LiteRT's scores",
  async (name) => {
    const [found, wanted] = [await scoresOf(name), EXPECTED[name]!.flat()];
    expect(largestDifference(Float32Array.from(found), Float32Array.from(wanted))).toBeLessThan(1e-4);
  },
);

test('weights of 8 bits between floats are read as what they stand for', async () => {
  const [found, wanted] = [await scoresOf('resnet.dynamic'), EXPECTED['resnet.dynamic']!.flat()];
  // LiteRT also rounds the floats to 8 bits, picture by picture.
  expect(largestDifference(Float32Array.from(found), Float32Array.from(wanted))).toBeLessThan(0.05);
  expect(tfliteNetwork('resnet.dynamic').quantized).toBeUndefined();
});

test.each([
  ['resnet.int8', 0.97],
  ['resnet.uint8', 0.97],
  ['resnet.legacy', 0.97],
] as const)("%s gives LiteRT's labels, and of its logits at least a share of %d exactly", async (name, share) => {
  const [found, wanted] = [await scoresOf(name), EXPECTED[name]!.flat()];
  const equal = found.filter((score, i) => Math.abs(score - wanted[i]!) < 1e-5).length;
  expect(labelsOf(found)).toEqual(labelsOf(wanted));
  expect(equal / found.length).toBeGreaterThanOrEqual(share);
});

test.each(['mobile.int8', 'mobile.float-io'])("%s gives LiteRT's labels", async (name) => {
  const [found, wanted] = [await scoresOf(name), EXPECTED[name]!.flat()];
  expect(labelsOf(found)).toEqual(labelsOf(wanted));
});

test('a network whose first values lie between two integers each rounds them its own way', async () => {
  const [found, wanted] = [await scoresOf('variety.int8'), EXPECTED['variety.int8']!.flat()];
  const step = 0.0546;
  expect(largestDifference(Float32Array.from(found), Float32Array.from(wanted))).toBeLessThan(6 * step);
});

test('a float model as INT8 takes raw pictures and follows its FP32 form', async () => {
  const preprocessing = prepared('variety');
  const { int8, maxAbsError } = await convertNetwork(tfliteNetwork('variety.float'), preprocessing, {
    int8: calibrated(preprocessing),
  });
  expect(maxAbsError).toBeLessThan(1e-4);
  expect(int8?.judgement.sqnrDb).toBeGreaterThan(15);
});
