import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectPlace } from '../../../../src/node/bundle/place-folder.ts';
import { folderWith } from '../folder.ts';

/** Where even root may not make a folder, on Linux; elsewhere root does not run tests. */
function forbidden(): string {
  if (process.getuid?.() === 0) return '/sys';
  const folder = join(folderWith(), 'read-only');
  mkdirSync(folder, { mode: 0o555 });
  return folder;
}

test('a folder that can be made is not made yet', () => {
  const folder = folderWith();
  expectPlace(join(folder, 'new/deep'), false, []);
  expect(readdirSync(folder)).toEqual([]);
});

test('one in a folder that takes none, or below a file, is refused', () => {
  const path = join(forbidden(), 'new/deep');
  expect(() => expectPlace(path, false, [])).toThrow(`${path}: could not be written, `);
  const below = join(folderWith({ file: '' }), 'file/deep');
  expect(() => expectPlace(below, false, [])).toThrow(/file is a file$/);
});
