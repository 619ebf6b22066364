import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../../src/errors.ts';
import type { Geometry } from '../../../../src/image/fit.ts';
import { readPicture } from '../../../../src/node/image/read-picture.ts';

type Case = Geometry & { readonly name: string; readonly picture: string };

const golden = 'test/golden/image';
const cases: Case[] = JSON.parse(readFileSync(`${golden}/cases.json`, 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'resedge-picture-'));
afterAll(() => rmSync(folder, { recursive: true }));

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

/** Read as a whole and resized by src/image: there the bytes are Pillow's own. The others are reduced by sharp. */
const EXACT = /alpha|transparent|cmyk|exact|small|plain-png-32-20/;

describe('what a model sees', () => {
  test.each(cases)('$name is what Pillow gives', async ({ name, picture, ...geometry }) => {
    const { inputSize } = geometry;
    const expected = readFileSync(`${golden}/expected/${name}.rgb`);
    const pixels = await readPicture(`${golden}/pictures/${picture}`, geometry);
    expect([pixels.width, pixels.height, pixels.data.length]).toEqual([inputSize, inputSize, expected.length]);
    expect(meanDifference(pixels.data, expected)).toBeLessThanOrEqual(EXACT.test(name) ? 0 : 0.75);
  });

  test('the same from bytes as from a file', async () => {
    const path = `${golden}/pictures/photo.jpg`;
    const geometry = { inputSize: 64, resize: 70 };
    const fromBytes = await readPicture(new Uint8Array(readFileSync(path)), geometry);
    expect(Buffer.from(fromBytes.data).equals(Buffer.from((await readPicture(path, geometry)).data))).toBe(true);
  });

  test('a vector drawing stands on white', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="4" height="8" fill="#f00"/></svg>';
    const { data } = await readPicture(Buffer.from(svg), { inputSize: 8, resize: 8 });
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...data.subarray(21, 24)]).toEqual([255, 255, 255]);
  });
});

describe('what cannot be read is named in one line', () => {
  const jpeg = readFileSync(`${golden}/pictures/photo.jpg`);
  const png = readFileSync(`${golden}/pictures/plain.png`);
  const bad: readonly [name: string, bytes: Uint8Array, code: ErrorCode, reason: RegExp][] = [
    ['empty.jpg', new Uint8Array(0), 'input', /: expected a picture, the file is empty$/],
    [
      'text.jpg',
      Buffer.from('this is no picture'),
      'input',
      /: expected JPEG, PNG, .* this is something else or damaged$/,
    ],
    ['half.jpg', jpeg.subarray(0, jpeg.length / 2), 'input', /: damaged picture \(.*premature end/],
    ['head.jpg', jpeg.subarray(0, 200), 'input', /: damaged picture \(/],
    ['magic.jpg', jpeg.subarray(0, 3), 'input', /: /],
    ['half.png', png.subarray(0, png.length / 2), 'input', /: damaged picture \(/],
    ['half.gif', readFileSync(`${golden}/pictures/animated.gif`).subarray(0, 900), 'input', /: damaged picture \(/],
    ['half.webp', readFileSync(`${golden}/pictures/plain.webp`).subarray(0, 900), 'input', /: damaged picture \(/],
    [
      'open.svg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g'),
      'input',
      /: damaged picture \(/,
    ],
    [
      'vast.svg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"/>'),
      'limit',
      /: expected at most 33554432 pixels .* received 9000 x 9000$/,
    ],
    [
      'vaster.svg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>'),
      'limit',
      /: too many pixels/,
    ],
  ];

  test.each(bad)('%s', async (name, bytes, code, reason) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const error = await readPicture(path, { inputSize: 224, resize: 256 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ResedgeError', code });
    const { message } = error as Error;
    expect(message.startsWith(path)).toBe(true);
    expect(message).toMatch(reason);
    expect(message).not.toContain('\n');
  });

  test('a header that promises a thousand megapixels takes no memory', async () => {
    const lying = Uint8Array.from(jpeg);
    const frame = lying.findIndex((byte, i) => byte === 0xff && lying[i + 1] === 0xc0);
    for (const high of [5, 7]) lying[frame + high] = 0x7f;
    const error = await readPicture(lying, { inputSize: 224, resize: 256 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'limit',
      message: `picture of ${jpeg.length} bytes: too many pixels, make it smaller`,
    });
  });

  test('a folder, and nothing at all', async () => {
    const geometry = { inputSize: 32, resize: 32 };
    await expect(readPicture(folder, geometry)).rejects.toMatchObject({
      code: 'input',
      message: `${folder}: expected a picture file, found a folder`,
    });
    const missing = join(folder, 'missing.jpg');
    await expect(readPicture(missing, geometry)).rejects.toMatchObject({
      code: 'io',
      message: `${missing}: no such file`,
    });
  });
});

test('any single damaged byte of a small picture gives pixels or one line', async () => {
  const small = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#456' } })
    .jpeg()
    .toBuffer();
  for (let at = 0; at < small.length; at += 3) {
    const bytes = Uint8Array.from(small);
    bytes[at] = bytes[at]! ^ 0x5a;
    const result = await readPicture(bytes, { inputSize: 8, resize: 8 }).catch((thrown: unknown) => thrown);
    if (result instanceof Error)
      expect(result).toMatchObject({ name: 'ResedgeError', message: expect.not.stringContaining('\n') });
    else expect(result).toMatchObject({ width: 8, height: 8 });
  }
});
