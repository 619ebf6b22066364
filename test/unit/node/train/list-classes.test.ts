import { describe, expect, test } from 'vitest';
import { expectEnough, listClasses } from '../../../../src/node/train/list-classes.ts';
import { listParts, pictureIdentity } from '../../../../src/node/train/parts.ts';
import { folderWith } from '../folder.ts';

const of = (...paths: readonly string[]): string =>
  folderWith(Object.fromEntries(paths.map((path) => [path, 'picture'])));
const pairs = (...labels: readonly string[]): readonly string[] =>
  labels.flatMap((label) => [`${label}/1.jpg`, `${label}/2.jpg`]);

describe('classes', () => {
  test('are the folders in alphabetical order, their pictures sorted', async () => {
    const { labels, pictures } = await listClasses(
      of(...pairs('dog', 'cat'), 'cat/deep/3.png', 'cat/read.me', '.x/1.jpg'),
    );
    expect(labels).toEqual(['cat', 'dog']);
    expect(pictures.map(({ path, index }) => [path.split('/').slice(3).join('/'), index])).toEqual([
      ['cat/1.jpg', 0],
      ['cat/2.jpg', 0],
      ['cat/deep/3.png', 0],
      ['dog/1.jpg', 1],
      ['dog/2.jpg', 1],
    ]);
  });

  test.each([
    ['none', ['1.jpg'], /expected a folder for each class, named for it, found none$/],
    ['one', pairs('cat'), /expected at least two classes to tell apart, found one: cat$/],
    [
      'two whose names differ in case',
      pairs('Cat', 'cat', 'dog'),
      /found Cat and cat: rename or join the two folders$/,
    ],
    ['two whose names differ in blanks', pairs('big cat', 'big_cat'), /found big cat and big_cat: rename or join/],
    [
      'one of a single picture',
      [...pairs('cat'), 'dog/1.jpg'],
      /dog: expected at least 2 pictures of every class, found 1$/,
    ],
    [
      'one without pictures',
      [...pairs('cat'), 'dog/1.txt'],
      /dog: expected at least 2 pictures of every class, found 0$/,
    ],
  ])('are refused in one line: %s', async (_, paths, says) => {
    await expect(listClasses(of(...paths))).rejects.toThrow(says);
  });

  test('of too few readable pictures are refused as well', () => {
    const classes = { labels: ['a', 'b'], pictures: [0, 0, 1].map((index) => ({ path: 'p', index })) };
    expect(() => expectEnough('f', classes, 'readable')).toThrow(
      'f/b: expected at least 2 readable pictures of every class, found 1',
    );
  });
});

describe('parts', () => {
  test('a share is set apart and not learnt from', async () => {
    const folder = of(...pairs('cat', 'dog'), 'cat/3.jpg');
    const { training, validation } = await listParts(folder, { kind: 'share', share: 0.3 }, 0);
    expect(validation.map(({ index }) => index)).toEqual([0, 1]);
    const paths = [...training.pictures, ...validation].map(({ path }) => path);
    expect(new Set(paths).size).toBe(5);
  });

  test('a folder is matched by its names', async () => {
    const other = of('Dog/9.jpg', 'cat/8.jpg');
    const { training, validation } = await listParts(of(...pairs('cat', 'dog')), { kind: 'folder', path: other }, 0);
    expect(training.pictures).toHaveLength(4);
    expect(validation.map(({ path, index }) => [path.slice(-9), index]).sort()).toEqual([
      ['Dog/9.jpg', 1],
      ['cat/8.jpg', 0],
    ]);
  });

  test('another picture, class or size is another identity, another place of the folder is not', async () => {
    const digest = async (folder: string): Promise<string> =>
      pictureIdentity(folder, (await listClasses(folder)).pictures).sha256;
    const first = await digest(of(...pairs('cat', 'dog')));
    expect(await digest(of(...pairs('cat', 'dog')))).toBe(first);
    expect(await digest(of(...pairs('cat', 'dog'), 'cat/3.jpg'))).not.toBe(first);
    expect(await digest(of(...pairs('cat', 'fox')))).not.toBe(first);
    const longer = { 'cat/1.jpg': 'longer', 'cat/2.jpg': 'picture', 'dog/1.jpg': 'picture', 'dog/2.jpg': 'picture' };
    expect(await digest(folderWith(longer))).not.toBe(first);
  });
});
