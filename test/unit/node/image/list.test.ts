import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listPictures } from '../../../../src/node/image/list.ts';

const root = mkdtempSync(join(tmpdir(), 'resedge-list-'));
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(() => {
  for (const folder of ['b', 'a/deep', '.hidden']) mkdirSync(join(root, folder), { recursive: true });
  const files = [
    'b/2.JPG',
    'b/10.png',
    'b/é.webp',
    'b/Z.svg',
    'b/note.txt',
    'b/.x.jpg',
    'a/deep/1.jpeg',
    '.hidden/3.jpg',
    'odd',
  ];
  for (const file of files) writeFileSync(join(root, file), '');
  symlinkSync(root, join(root, 'a/deep/loop'));
  symlinkSync(join(root, 'b'), join(root, 'c'));
  symlinkSync(join(root, 'gone.jpg'), join(root, 'a/broken.jpg'));
});

test('pictures below the folders, by bytes, hidden ones left out, loops survived', async () => {
  const inB = ['10.png', '2.JPG', 'Z.svg', 'é.webp'];
  const expected = [
    'a/broken.jpg',
    'a/deep/1.jpeg',
    ...inB.map((name) => `b/${name}`),
    ...inB.map((name) => `c/${name}`),
  ];
  expect(await listPictures([root])).toEqual(expected.map((name) => join(root, name)));
});

test('a named file is taken whatever it is called, and everything once', async () => {
  const [odd, b] = [join(root, 'odd'), join(root, 'b')];
  const names = ['10.png', '2.JPG', 'Z.svg', 'é.webp'];
  expect(await listPictures([odd, b, join(b, '2.JPG'), odd])).toEqual([...names.map((name) => join(b, name)), odd]);
});

test('a path that does not exist is an error', async () => {
  const missing = join(root, 'missing');
  await expect(listPictures([root, missing])).rejects.toMatchObject({
    code: 'io',
    message: `${missing}: no such file or folder`,
  });
});
