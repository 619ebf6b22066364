import { describe, expect, test } from 'vitest';
import { readZip } from '../../../../converter/weights/zip.ts';
import { readHdf5 } from '../../../../src/node/formats/hdf5.ts';
import { looksLikeKeras, readKerasFile } from '../../../../src/node/formats/keras.ts';
import { kerasBytes, readHere } from '../../converter/keras/sources.ts';

describe('refuses in one line', () => {
  test.each([
    [
      'external-link',
      /^expected a file that holds all its data, received weights, a link to another file, \.\.\/\.\.\/other\.h5: save/,
    ],
    ['soft-link', /^expected an array or a group as weights, received a link to \/nowhere, which is not there$/],
    ['virtual', /^expected a file that holds all its data, received weights, whose data lies in other\.h5: save/],
    ['stored-outside', /^expected a file that holds all its data, unable to open external raw data file: save/],
    ['circle', /^expected at most 64 groups inside one another/],
    ['huge', /^expected at most \d+ numbers in a file of this size, received \[1048576,1048576\] as weights$/],
    ['half', /^expected numbers of 32 or 64 bits, received 16 bits as weights: cast/],
  ])('%s', async (name, says) => {
    await expect(readHere(kerasBytes(`${name}.h5`))).rejects.toThrow(says);
  });

  test('a file that is cut short', async () => {
    const whole = kerasBytes('plain.2.h5');
    await expect(readHere(whole.subarray(0, whole.length / 2))).rejects.toThrow(
      /^expected a whole HDF5 file, truncated file: .*: download or save it again$/,
    );
    await expect(readHere(whole.subarray(0, 8))).rejects.toThrow(/^expected a whole HDF5 file, [^\n]*$/);
    const archive = kerasBytes('plain.3.keras');
    await expect(readKerasFile(archive.subarray(0, 9000), readHere)).rejects.toThrow(
      /^expected a ZIP directory at the end/,
    );
  });
});

test('a file that keeps the library busy forever is given up', async () => {
  await expect(readHdf5(kerasBytes('endless.h5'), 2000)).rejects.toThrow(
    /^expected a whole HDF5 file, reading it came to no end within 2 s: download or save it again$/,
  );
});

test('a chunk that says to be of 2 GB is refused before it is made room for', async () => {
  const file = readZip(kerasBytes('resnetv2.3.keras')).get('model.weights.h5')!.slice();
  file[173_651] = 0x7f;
  await expect(readHdf5(file)).rejects.toThrow(/^expected a whole HDF5 file, memory allocation failed for chunk: /);
});

test('files are known by what they hold, and by their names', () => {
  expect(looksLikeKeras('weights', kerasBytes('plain.2.h5'))).toBe(true);
  expect(looksLikeKeras('model.zip', kerasBytes('plain.3.keras'))).toBe(true);
  expect(looksLikeKeras('model.keras', new Uint8Array())).toBe(true);
  expect(looksLikeKeras('model.pth', Uint8Array.of(0x50, 0x4b, 3, 4))).toBe(false);
  expect(looksLikeKeras('model.safetensors', new Uint8Array(4096))).toBe(false);
});

test('texts and arrays come by their paths', async () => {
  const { attributes, arrays } = await readHdf5(kerasBytes('plain.2.h5'));
  expect(attributes.get('')?.get('model_config')?.[0]).toMatch(/^\{"class_name": "Sequential"/);
  expect(attributes.get('model_weights')?.get('layer_names')?.length).toBeGreaterThan(4);
  expect([...arrays].map(([path, { dims }]) => [path.split('/').at(-1), dims])).toContainEqual([
    'kernel:0',
    [3, 3, 3, 4],
  ]);
});
