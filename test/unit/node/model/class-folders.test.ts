import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listClassFolders } from '../../../../src/node/model/class-folders.ts';
import { folderWith } from '../folder.ts';

const labels = ['tabby cat, tabby', 'great_white shark', '2', '7'];
const labelIds = ['n00000001', 'n00000002', 'n00000003', 'n00000004'];

/** The class that one picture in a folder of this name belongs to. */
async function classOf(name: string, ids?: readonly string[]): Promise<number | undefined> {
  const folder = folderWith({ [`${name}/a.jpg`]: '' });
  const { pictures } = await listClassFolders(folder, { labels, ...(ids ? { labelIds: ids } : {}) }, undefined);
  return pictures[0]?.index;
}

describe('a folder is matched', () => {
  test.each<readonly [string, string, number]>([
    ['by label', 'tabby cat, tabby', 0],
    ['by the first of several names', 'tabby cat', 0],
    ['in another case and with other blanks', 'Great-White  SHARK', 1],
    ['by a label that looks like an index, before the index', '2', 2],
    ['by index', '0', 0],
    ['by index with zeros', '003', 3],
  ])('%s', async (_, name, index) => {
    expect(await classOf(name)).toBe(index);
  });

  test('by WordNet id where the model has them', async () => {
    expect(await classOf('n00000002', labelIds)).toBe(1);
    await expect(classOf('n00000002')).rejects.toThrow('n00000002: expected a folder named for a class');
    await expect(classOf('n00000009', labelIds)).rejects.toThrow('1 of 1 folders match none');
  });

  test('or refused, by an index beyond the classes', async () => {
    await expect(classOf('4')).rejects.toThrow('4: expected a folder named for a class');
  });
});

describe('for a model without labels', () => {
  const numbered = { labels: ['class 0', 'class 1'] };

  test('as many folders as classes stand in alphabetical order', async () => {
    const folder = folderWith({ 'b/1.jpg': '', 'a/1.jpg': '' });
    const { pictures, note } = await listClassFolders(folder, numbered, undefined);
    expect(pictures.map(({ path, index }) => [relative(folder, path), index])).toEqual([
      ['a/1.jpg', 0],
      ['b/1.jpg', 1],
    ]);
    expect(note).toContain('0 is a');
  });

  test('another number of folders is refused', async () => {
    const folder = folderWith({ 'a/1.jpg': '', 'b/1.jpg': '', 'c/1.jpg': '' });
    await expect(listClassFolders(folder, numbered, undefined)).rejects.toThrow('3 of 3 folders match none');
  });
});

describe('a limit', () => {
  const names = ['a', 'b'];
  const files = names.flatMap((name) => Array.from({ length: 9 }, (_, i) => [`${name}/${i}.jpg`, ''] as const));
  const take = async (limit: number): Promise<readonly string[]> => {
    const folder = folderWith(Object.fromEntries(files));
    const { pictures } = await listClassFolders(folder, { labels: names }, limit);
    return pictures.map(({ path }) => relative(folder, path));
  };

  test.each([
    [2, 1],
    [7, 3],
    [18, 9],
    [100, 9],
  ])('of %i takes %i of each of two classes', async (limit, each) => {
    const taken = await take(limit);
    for (const name of names) expect(taken.filter((path) => path.startsWith(name))).toHaveLength(each);
  });

  test('of fewer pictures than classes takes no more than that', async () => {
    expect(await take(1)).toHaveLength(1);
  });

  test('draws the same pictures each time, and not the first ones', async () => {
    const taken = await take(4);
    expect(await take(4)).toEqual(taken);
    expect(taken).not.toEqual(['a/0.jpg', 'a/1.jpg', 'b/0.jpg', 'b/1.jpg']);
  });
});

test('files, hidden folders and links to nothing beside the class folders are not looked at', async () => {
  const folder = folderWith({ 'a/1.jpg': '', 'notes.txt': '', '.cache/1.jpg': '' });
  symlinkSync('nowhere', join(folder, 'broken'));
  const { pictures } = await listClassFolders(folder, { labels: ['a', 'b'] }, undefined);
  expect(pictures).toHaveLength(1);
});
