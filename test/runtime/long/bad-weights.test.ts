import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { PICTURES, ROOT, refuse, resedge, WEIGHTS } from '../node/resedge.ts';
import { bundledParts, safetensorsFile, withHeader, withValue } from '../node/safetensors.ts';
import { deflatedZip } from '../node/zip.ts';

const whole = readFileSync(WEIGHTS);

/** `convert` of a file with this content fails with one line that names the file and matches. */
async function refuseWeights(content: string | Uint8Array, says: RegExp, name = 'weights.pth'): Promise<void> {
  const folder = folderWith({ [name]: content });
  await refuse(['convert', name, '-o', 'model.onnx', '--precision', 'fp32'], { code: 1, says, folder });
}

describe('a safetensors file', () => {
  test.each<readonly [string, () => Uint8Array, RegExp]>([
    ['cut in its data', () => whole.subarray(0, whole.length / 2), /weights\.pth: .*cut short/],
    ['cut in its header', () => whole.subarray(0, 1000), /weights\.pth: .*header/],
    ['with a header longer than itself', () => safetensorsFile(bundledParts(), 2n ** 40n), /weights\.pth: .*header/],
    ['with a header of 2^62 bytes', () => safetensorsFile(bundledParts(), 2n ** 62n), /weights\.pth: /],
    [
      'with tensors that overlap',
      () =>
        withHeader((header) =>
          Object.assign(header['bn1.running_mean']!, { data_offsets: header['bn1.bias']!.data_offsets }),
        ),
      /weights\.pth: .*bn1\.running_mean .*overlaps/,
    ],
    [
      'that lies about a shape',
      () => withHeader((header) => Object.assign(header['bn1.bias']!, { shape: [1e6] })),
      /weights\.pth: .*bn1\.bias/,
    ],
    [
      'that lies about its end',
      () => withHeader((header) => Object.assign(header['bn1.bias']!, { data_offsets: [0, 2 ** 40] })),
      /weights\.pth: .*bn1\.bias/,
    ],
    [
      'with a type nobody knows',
      () => withHeader((header) => Object.assign(header['bn1.bias']!, { dtype: 'F7' })),
      /weights\.pth: .*F7/,
    ],
  ])('%s', async (_, content, says) => {
    await refuseWeights(content(), says);
  });
});

describe('a pickle that names os.system', () => {
  test.each(['system.pickle.pth', 'system.protocol0.pth', 'system.zip.pth', 'system.legacy.pth'])(
    '%s',
    async (file) => {
      const folder = folderWith();
      copyFileSync(join(ROOT, 'test/golden/weights', file), join(folder, file));
      const says = new RegExp(`^resedge: ${file}: refused to load posix\\.system \\(os\\.system\\)`);
      await refuse(['convert', file, '-o', 'model.onnx', '--precision', 'fp32'], { code: 1, says, folder });
      await refuse(['inspect', file], { code: 1, says, folder });
    },
  );
});

describe('a file that is no weights file', () => {
  test('a zip bomb is not inflated', async () => {
    const bomb = deflatedZip('bomb/data.pkl', new Uint8Array(2 ** 28));
    expect(bomb.length).toBeLessThan(2 ** 19);
    await refuseWeights(bomb, /weights\.pth: expected stored ZIP entries/);
  });

  test.each<readonly [string, string, RegExp]>([
    ['text', 'These are my weights.\n', /weights\.pth: .*looks like a text file/],
    ['a web page', '<!DOCTYPE html><html></html>', /weights\.pth: .*HTML page/],
    ['nothing', '', /weights\.pth: .*empty/],
  ])('%s', async (_, content, says) => {
    await refuseWeights(content, says);
  });

  test('a folder', async () => {
    const folder = folderWith({ 'weights.pth/inside': '' });
    const says = /weights\.pth: expected weights \(\.safetensors, \.bin, \.pth, \.onnx or model\.json\), found inside/;
    await refuse(['convert', 'weights.pth', '-o', 'model.onnx', '--precision', 'fp32'], { code: 1, says, folder });
    await refuse(['inspect', 'weights.pth'], { code: 1, says, folder });
  });

  test('nothing there', async () => {
    const says = /gone\.pth: expected a weights file, no such file/;
    await refuse(['convert', 'gone.pth', '-o', 'model.onnx', '--precision', 'fp32'], { code: 1, says });
  });
});

describe('values that no training gives', () => {
  test.each<readonly [string, string, number, RegExp]>([
    ['NaN', 'layer1.0.conv1.weight', Number.NaN, /found NaN in layer1\.0\.conv1\.weight at element 5/],
    ['infinity', 'fc.bias', Number.NEGATIVE_INFINITY, /found -Infinity in fc\.bias at element 5/],
    ['a negative variance', 'bn1.running_var', -1, /found -1 in bn1\.running_var at channel 5/],
  ])('%s', async (_, tensor, value, says) => {
    await refuseWeights(withValue(tensor, 5, value), says);
  });

  test('a variance of zero is warned of', async () => {
    const folder = folderWith({ 'weights.pth': withValue('bn1.running_var', 5, 0) });
    const args = ['convert', 'weights.pth', '-o', 'model.onnx', '--precision', 'fp32', '--json'];
    const { code, stderr } = await resedge(args, { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^resedge: weights\.pth: bn1\.running_var: 1 of 16 variances are zero[^\n]*\n$/);
  });
});

describe('tensors that fit no network', () => {
  test.each<readonly [string, (header: ReturnType<typeof bundledParts>['header']) => void, RegExp]>([
    [
      'one is missing',
      (header) => {
        header['spare.num_batches_tracked'] = header['layer2.1.bn1.bias']!;
        delete header['layer2.1.bn1.bias'];
      },
      /missing: layer2\.1\.bn1\.bias \[32\]/,
    ],
    [
      'one is left over',
      (header) => {
        header['extra.weight'] = header['bn1.num_batches_tracked']!;
        delete header['bn1.num_batches_tracked'];
      },
      /left over: extra\.weight \[\]/,
    ],
    [
      'one has another shape',
      (header) => Object.assign(header['layer1.0.conv1.weight']!, { shape: [16, 3, 3, 16] }),
      /layer1\.0\.conv1\.weight/,
    ],
  ])('%s', async (_, change, says) => {
    await refuseWeights(withHeader(change), says);
  });

  test('they are of another network than --arch says', async () => {
    await refuse(['convert', WEIGHTS, '-o', 'model.onnx', '--precision', 'fp32', '--arch', 'resnet18'], {
      code: 1,
      says: /expected the weights of resnet18, found resnet20/,
    });
  });
});

describe('what INT8 is calibrated with', () => {
  const convert = ['convert', WEIGHTS, '-o', 'model.onnx'];

  test('nothing is named: the three ways are', async () => {
    const says = /--calibrate <folder of pictures>.*--calibrate <table\.json>.*--calibrate none/;
    await refuse(convert, { code: 2, says });
  });

  test.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
    ['a folder without pictures', { 'here/notes.txt': 'none' }, /here: expected calibration pictures .*found none/],
    ['a folder that is not there', {}, /here: no such file or folder/],
    ['a text file', { here: 'a list' }, /here: expected a folder of pictures or a calibration table/],
    ['other JSON', { here: '{"a":1}' }, /here: expected .*calibration table/],
    ['a folder of broken pictures', { 'here/a.jpg': 'a', 'here/b.jpg': 'b' }, /here: .*all 2 failed: here\/a\.jpg/],
  ])('%s', async (_, files, says) => {
    await refuse([...convert, '--calibrate', 'here'], { code: 1, says, folder: folderWith(files) });
  });

  test('a table of other weights', async () => {
    const folder = folderWith({ 'other.safetensors': withValue('fc.bias', 0, 1) });
    const table = join(PICTURES, '../calibration.json');
    await refuse(['convert', 'other.safetensors', '-o', 'model.onnx', '--calibrate', table], {
      code: 1,
      says: /calibration\.json: expected a calibration table of these weights/,
      folder,
    });
  });

  test('a table of pictures that were prepared in another way', async () => {
    const table = join(PICTURES, '../calibration.json');
    await refuse([...convert, '--calibrate', table, '--mean', '0,0,0'], {
      code: 1,
      says: /calibration\.json: expected .* mean 0,0,0, std 0\.229.*; it was made at .* mean 0\.485,.*: convert with these, or make/,
    });
  });

  test('fewer than eight pictures are warned of', async () => {
    const args = [...convert, '--calibrate', PICTURES, '--samples', '7', '--corrections', 'none', '--json'];
    const { code, stderr } = await resedge(args, { cwd: folderWith() });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^resedge: calibrated on 7 pictures, which is few: 8 or more[^\n]*\n$/),
    });
  });
});

test('labels of another number than the classes', async () => {
  const args = ['convert', WEIGHTS, '-o', 'model.onnx', '--precision', 'fp32', '--labels'];
  const folder = folderWith({ labels: 'cat\ndog\n' });
  await refuse([...args, 'labels'], {
    code: 1,
    says: /labels: expected 10 labels, one for each class, found 2/,
    folder,
  });
  await refuse([...args, '.'], { code: 1, says: /\.: expected a file of labels, found a folder/, folder });
});
