import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { placeFolder } from '../../../src/node/bundle/place-folder.ts';
import { cacheFolder } from '../../../src/node/cache-folder.ts';
import { makeFolders } from '../../../src/node/make-folders.ts';
import { openSnapshots } from '../../../src/node/sinks/snapshots.ts';
import { folderWith } from './folder.ts';

const all = (folder: string): readonly unknown[] => readdirSync(folder, { recursive: true }).sort();

test('what is missing on the way is made, and taken back as far as it is empty', () => {
  const folder = folderWith({ 'there/file': '' });
  const remove = makeFolders(join(folder, 'there/a/b/c'));
  expect(all(folder)).toEqual(['there', 'there/a', 'there/a/b', 'there/a/b/c', 'there/file']);
  writeFileSync(join(folder, 'there/a/kept'), '');
  remove();
  expect(all(folder)).toEqual(['there', 'there/a', 'there/a/kept', 'there/file']);
});

test('a folder that is there stays, also behind a link', () => {
  const folder = folderWith({ 'there/file': '' });
  symlinkSync('there', join(folder, 'link'));
  for (const name of ['there', 'link']) makeFolders(join(folder, name))();
  expect(readdirSync(folder).sort()).toEqual(['link', 'there']);
  expect(all(join(folder, 'there'))).toEqual(['file']);
});

test('a file in the way is refused', () => {
  const folder = folderWith({ file: '' });
  expect(() => makeFolders(join(folder, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolders(join(folder, 'file/a/b'))).toThrow(/ENOTDIR/);
});

describe('a file system that takes no folders is refused at once', () => {
  const path = '/proc/resedge/folder';

  afterEach(() => vi.unstubAllEnvs());

  test('by itself', () => {
    expect(() => makeFolders(path)).toThrow(/mkdir '\/proc\/resedge'/);
  });

  test('for snapshots', async () => {
    const opening = openSnapshots({ folder: path, keep: 1, keepMs: 1, now: () => 0 });
    await expect(opening).rejects.toThrow(`${path}: expected a folder for snapshots, `);
  });

  test('for a bundle', async () => {
    await expect(placeFolder(path, async () => undefined)).rejects.toThrow(`${path}: could not be made, `);
  });

  test('for the cache', () => {
    vi.stubEnv('RESEDGE_CACHE', path);
    const reason = expect.stringContaining(`expected a folder to write at ${path}/graphs, `);
    expect(cacheFolder('graphs')).toEqual({ kind: 'fault', reason });
  });
});
