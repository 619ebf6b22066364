import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pixelCode } from '../../../../converter/passes/raw-input.ts';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { raw } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { type StemBias, stemError } from './stem.ts';

const size = 32;
const files = [
  new Uint8Array(readFileSync(new URL('../../../golden/weights/resnet18.fp16.safetensors', import.meta.url))),
  ...[1, 2, 3].map((seed) => seededFile({ depths: [1], inner: 16 }, seed)),
];

/** Border error over interior error of the INT8 stem, in the mean over some networks; calibrated on other pictures. */
async function borderRatio(values: Partial<Preprocessing>, bias: StemBias): Promise<number> {
  const preprocessing = raw(size, values);
  const seen = (first: number, count: number): ReturnType<typeof modelInput>[] =>
    Array.from({ length: count }, (_, i) => modelInput(probePicture(size, first + i), preprocessing));
  const [calibration, inputs] = [seen(100, 24), seen(500, 12)];
  let sum = 0;
  for (const file of files) {
    const { border, interior } = await stemError(file, preprocessing, calibration, inputs, bias);
    sum += border / interior;
  }
  return sum / files.length;
}

describe("the INT8 stem's error at the border is no larger than in the interior", () => {
  const usual: readonly (readonly [string, Partial<Preprocessing>])[] = [
    ["ImageNet's mean", {}],
    ['Caffe, bgr', { channels: 'bgr', scale: 1, mean: [104, 117, 123], std: [1, 1, 1] }],
    ['mean .5', { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }],
    ['mean 0', { mean: [0, 0, 0], std: [1, 1, 1] }],
  ];
  test.each(usual)('%s', async (_, values) => {
    expect(await borderRatio(values, 'planned')).toBeLessThanOrEqual(1);
  });

  // A fourth channel that stands 128 from the zero point is too coarse to take up the other weights' rounding in every tap;
  // the bias takes the rest off the interior, and the border never had all of it.
  test.each([...usual, ['means far apart', { mean: [0.1, 0.5, 0.9] }] as const])(
    "with the network's own bias: %s",
    async (_, values) => {
      expect(await borderRatio(values, 'exact')).toBeLessThanOrEqual(1);
    },
  );
});

describe('pixelCode', () => {
  test('has a fourth channel even where one zero point is exact for all colours', () => {
    expect(pixelCode(raw(8, { mean: [0, 0, 0] }))).toMatchObject({ zero: 0, constant: 4, offsets: [0, 0, 0] });
    expect(pixelCode(raw(8, { scale: 1, mean: [128, 128, 128] }))).toMatchObject({ zero: 128, constant: 132 });
    expect(pixelCode(raw(8, { mean: [1, 1, 1] }))).toMatchObject({ zero: 255, constant: 251 });
  });

  test('takes the means of a bgr network in the order of the colours', () => {
    const { mean } = pixelCode(raw(8, { channels: 'bgr', scale: 1, mean: [104, 117, 123], std: [1, 1, 1] }));
    expect(mean).toEqual([123, 117, 104]);
  });

  test('the zero point and the fourth channel together stand for every mean', () => {
    const means = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -300, max: 600, noNaN: true })));
    fc.assert(
      fc.property(means, ([r = 0, g = 0, b = 0]) => {
        const { zero, constant, offsets } = pixelCode(raw(8, { scale: 1, mean: [r, g, b] }));
        expect(zero).toBeGreaterThanOrEqual(0);
        expect(zero).toBeLessThanOrEqual(255);
        expect(Number.isInteger(constant) && constant >= 0 && constant <= 255).toBe(true);
        // Near enough to take up the other weights' rounding finely, far enough to take it up at all.
        expect(Math.abs(constant - zero)).toBeGreaterThanOrEqual(4);
        for (const [c, m] of [r, g, b].entries()) {
          expect(zero - offsets[c]! * (constant - zero)).toBeCloseTo(m, 6);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('around the middle of the range the fourth weight never exceeds the largest of the three', () => {
    const means = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 84, max: 170, noNaN: true })));
    fc.assert(
      fc.property(means, ([r = 0, g = 0, b = 0]) => {
        const { offsets } = pixelCode(raw(8, { scale: 1, mean: [r, g, b] }));
        expect(offsets.reduce((sum, offset) => sum + Math.abs(offset), 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
