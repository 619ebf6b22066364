import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type NamedTensors, seededFile } from '../../unit/converter/networks.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';

const WANTED = '8 or more different ones, typical of use, give safer ranges';

function convert(weights = WEIGHTS, calibrate = 'in'): readonly string[] {
  return ['convert', weights, '-o', 'model.onnx', '--calibrate', calibrate, '--corrections', 'none'];
}

function plain(width: number, height: number, colour: number): Promise<Buffer> {
  const background = { r: colour, g: colour, b: colour };
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** A folder with so many copies of a picture in `in`. */
function copies(picture: Uint8Array, count: number, end: string): string {
  return folderWith(Object.fromEntries(Array.from({ length: count }, (_, i) => [`in/${i}.${end}`, picture])));
}

/** Runs a conversion that does its work and says one line about the pictures. */
async function doubts(folder: string, line: string): Promise<void> {
  const { code, stderr, stdout } = await resedge(convert(), { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: `resedge: ${line}: ${WANTED}\n` });
  expect(stdout).toMatch(/fidelity +\d+\.\d dB, 100\.00 % agreement/);
}

describe('calibration pictures', () => {
  test('that are all black', async () => {
    const folder = copies(await plain(32, 32, 0), 16, 'png');
    await doubts(folder, 'calibrated on 16 pictures of one plain colour, which show no network at work');
  });

  test('that are all alike', async () => {
    const folder = copies(readFileSync(join(PICTURES, 'cat.svg')), 16, 'svg');
    await doubts(folder, 'calibrated on 16 pictures, all the same, which is few');
  });

  test('of many sizes, one pixel among them, are as good as any', async () => {
    const sizes = [1, 2, 31, 33, 64, 100, 320, 640].map((side) => [side, Math.ceil(1000 / side)] as const);
    const files = await Promise.all(
      sizes.map(async ([width, height], i) => {
        const cat = sharp(join(PICTURES, `${CLASSES[i]}.svg`)).flatten();
        return [
          `in/${width}x${height}.jpg`,
          await cat.resize(width, height, { fit: 'fill' }).jpeg().toBuffer(),
        ] as const;
      }),
    );
    await succeed(convert(), { cwd: folderWith(Object.fromEntries(files)) });
  });

  test('none of which can be read', async () => {
    const folder = copies(new TextEncoder().encode('JPEG?'), 3, 'jpg');
    await refuse(convert(), { code: 1, says: /in: expected a readable picture, all 3 failed: in\/0\.jpg: /, folder });
  });
});

describe('a calibration table', () => {
  const text = readFileSync(TABLE, 'utf8');

  test.each<readonly [string, string, RegExp]>([
    [
      'cut off',
      text.slice(0, text.length / 2),
      /t\.json: expected whole JSON in the calibration table; make a new one/,
    ],
    ['with infinite ranges', text.replace(/"max":[\d.]+/, '"max":1e999'), /t\.json: expected possible statistics of "/],
  ])('%s', async (_, table, says) => {
    await refuse(convert(WEIGHTS, 't.json'), { code: 1, says, folder: folderWith({ 't.json': table }) });
  });
});

describe('weights whose activations', () => {
  const edited = (edit: (tensors: NamedTensors) => void): string =>
    folderWith({ 'w.safetensors': seededFile({ depths: [1, 1] }, 1, edit) });
  const fill = (tensors: NamedTensors, name: string, value: number, count = Number.POSITIVE_INFINITY): void => {
    const { dims, data } = tensors.get(name)!;
    tensors.set(name, { dims, data: data.map((old, i) => (i < count ? value : old)) });
  };

  test('are infinite', async () => {
    const folder = edited((tensors) => {
      fill(tensors, 'layer1.0.conv1.weight', 1e30);
      fill(tensors, 'layer1.0.conv2.weight', 1e30);
    });
    await refuse(convert('w.safetensors', PICTURES), {
      code: 1,
      says: /expected finite activations, found NaN or/,
      folder,
    });
  });

  test('are dead or constant', async () => {
    const folder = edited((tensors) => {
      fill(tensors, 'layer1.0.conv1.weight', 0, 3 * 72);
      fill(tensors, 'layer2.0.bn1.weight', 0);
    });
    const stdout = await succeed(convert('w.safetensors', PICTURES), { cwd: folder });
    expect(stdout).toMatch(/kernels +\d+ of \d+ layers run in INT8, no accumulator/);
  });
});

test('a report that cannot be written', async () => {
  const report = (path: string): readonly string[] => [...convert(WEIGHTS, PICTURES), '--report', path];
  const folder = folderWith({ file: '' });
  await refuse(report('file/a.html'), { code: 1, says: /file\/a\.html: .*file is a file/, folder });
  await refuse(report('.'), { code: 1, says: /\.: expected a file to write, it is a folder/ });
  await refuse(report('model.onnx'), { code: 2, says: /expected another file to write to/ });
});
