import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTargetPictures } from '../../../../src/node/targets/pictures.ts';
import { classic } from '../../converter/conversions.ts';

const PICTURES = join(import.meta.dirname, '../../../../models/resnet20-cifar10/pictures');

async function pixels(order: 'rgb' | 'bgr', path = PICTURES): Promise<readonly Uint8Array[]> {
  const log = { used: [], skipped: [] };
  const opened = await openTargetPictures({ path, samples: 3, seed: 1 }, classic(32), order, log);
  const all: Uint8Array[] = [];
  for await (const picture of opened.pixels) all.push(picture);
  expect(all).toHaveLength(opened.count);
  return all;
}

test("a sample of the folder as pixels, in RGB or in the model's order", async () => {
  const [rgb, bgr] = [await pixels('rgb'), await pixels('bgr')];
  expect(rgb.map(({ length }) => length)).toEqual([3072, 3072, 3072]);
  const swapped = rgb.map((picture) => picture.map((_, i) => picture[i - (i % 3) + 2 - (i % 3)]!));
  expect(bgr).toEqual(swapped);
  expect(bgr).not.toEqual(rgb);
});

test('what is no folder of pictures is refused', async () => {
  await expect(pixels('rgb', 'none')).rejects.toThrow(/expected a folder of pictures for the vendor's tool/);
});
