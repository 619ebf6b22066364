import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Geometry } from '../../../../src/image/fit.ts';
import { resizeAndCrop } from '../../../../src/image/resize-and-crop.ts';
import { planDecoding, shrinkOnLoad } from '../../../../src/node/image/plan-decoding.ts';
import { readPicture } from '../../../../src/node/image/read-picture.ts';
import { toRgb } from '../../../../src/node/image/to-rgb.ts';

const photo = readFileSync('test/golden/image/pictures/photo.jpg');
const jpeg = { format: 'jpeg', cmyk: false, alpha: false, upright: true } as const;
const imagenet = { inputSize: 224, resize: 256 };

describe('planDecoding', () => {
  test.each([
    [
      'a photograph of 12 megapixels at 1/4',
      4032,
      3024,
      { kind: 'direct', reduction: { kernel: 'linear', fast: false } },
    ],
    [
      'one of 6 megapixels, half of 1/4',
      2816,
      2112,
      { kind: 'direct', reduction: { kernel: 'mitchell', fast: false } },
    ],
    ['one of 5 megapixels at 1/2', 2560, 1920, { kind: 'direct', reduction: { kernel: 'linear', fast: false } }],
    ['one whose sides are multiples of 4 at 1/4', 4028, 3020, { kind: 'direct', reduction: { fast: false } }],
    ['one with other sides at 1/4, knowing what is missing', 4031, 3023, { kind: 'near', full: false }],
    ['a small one as it is', 500, 375, { kind: 'direct', reduction: { width: 341, height: 256 } }],
    ['one that is to be enlarged as a whole', 200, 100, { kind: 'whole' }],
  ])('decodes %s', (_, width, height, expected) => {
    expect(planDecoding({ ...jpeg, width, height }, imagenet)).toMatchObject(expected);
  });

  test('says how large the whole picture is of which libvips drops the last pixels', () => {
    const plan = planDecoding({ ...jpeg, width: 4031, height: 3023 }, imagenet);
    expect(plan).toMatchObject({ reduction: { width: 683, height: 512 } });
    expect(plan.kind === 'near' && plan.extent).toEqual({ width: (683 * 4031) / 4028, height: (512 * 3023) / 3020 });
  });

  test('decodes a turned picture with such sides at its full scale, a PNG always', () => {
    expect(planDecoding({ ...jpeg, upright: false, width: 4031, height: 3023 }, imagenet)).toMatchObject({
      full: true,
      extent: { width: 683, height: 512 },
    });
    expect(planDecoding({ ...jpeg, format: 'png', width: 4031, height: 3023 }, imagenet)).toMatchObject({
      kind: 'near',
      extent: { width: 683, height: 512 },
    });
  });

  test("knows sharp's scales", () => {
    expect([1.9, 2, 3, 4, 5, 8, 9, 40].map((ratio) => shrinkOnLoad(ratio, true))).toEqual([1, 1, 2, 2, 4, 4, 8, 8]);
    expect([3.9, 4, 8, 15, 16, 40].map((ratio) => shrinkOnLoad(ratio, false))).toEqual([1, 2, 4, 4, 8, 8]);
  });
});

/** The photograph as a JPEG of other sides, turned by `orientation` when it is shown. */
async function photoOf(width: number, height: number, orientation: number): Promise<Uint8Array> {
  const resized = sharp(photo).resize(width, height, { fit: 'fill', kernel: 'cubic' });
  return new Uint8Array(await resized.withMetadata({ orientation }).jpeg({ quality: 92 }).toBuffer());
}

describe('a JPEG decoded at a reduced scale is within 0.75 levels of the whole one', () => {
  test.each([
    [1600, 1200, 1, { inputSize: 96, resize: 100 }],
    [1600, 1600, 1, { inputSize: 96, resize: 100 }],
    [1664, 1664, 1, { inputSize: 200, resize: 200 }],
    [1599, 1199, 1, { inputSize: 96, resize: 100 }],
    [1599, 1199, 1, { inputSize: 224, resize: 224 }],
    [1607, 1205, 1, { inputSize: 56, resize: 56 }],
    [1607, 1205, 6, { inputSize: 56, resize: 56 }],
    [1600, 1200, 6, { inputSize: 96, resize: 100 }],
    [1603, 1601, 1, { inputSize: 64, resize: 72 }],
    [1205, 1607, 1, { inputSize: 120, resize: 128, interpolation: 'bicubic' }],
  ] as const)('%i x %i, orientation %i, %j', async (width, height, orientation, geometry: Geometry) => {
    const bytes = await photoOf(width, height, orientation);
    const { data, info } = await sharp(bytes, { autoOrient: true }).raw().toBuffer({ resolveWithObject: true });
    const whole = resizeAndCrop(toRgb(data, info.width, info.height, info.channels), geometry);
    const reduced = await readPicture(bytes, geometry);
    let sum = 0;
    for (const [i, value] of whole.data.entries()) sum += Math.abs(value - reduced.data[i]!);
    expect(sum / whole.data.length).toBeLessThan(0.75);
  });
});
