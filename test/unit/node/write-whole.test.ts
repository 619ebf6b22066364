import { lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ResedgeError } from '../../../src/errors.ts';
import { expectWritable, removePartials, writeWhole } from '../../../src/node/write-whole.ts';
import { folderWith } from './folder.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function* thenFails(): Generator<Uint8Array> {
  yield bytes('half');
  throw new ResedgeError('limit', 'no more');
}

describe('a file is written', () => {
  test('from its chunks, over an older one, with nothing beside it', () => {
    const folder = folderWith({ file: 'older and longer' });
    expect(writeWhole(join(folder, 'file'), [bytes('a'), bytes(''), bytes('bc')])).toBe(3);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('abc');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('beside what an ended process left there', () => {
    const folder = folderWith({ [`file.${process.pid}.partial`]: '' });
    writeWhole(join(folder, 'file'), [bytes('a')]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('in the place of a link, whose target stays', () => {
    const folder = folderWith({ target: 'kept' });
    symlinkSync('target', join(folder, 'link'));
    writeWhole(join(folder, 'link'), [bytes('a')]);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('kept');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(false);
  });
});

test('a file system that takes no folders is refused at once', () => {
  expect(() => writeWhole('/proc/resedge/file', [bytes('a')])).toThrow(/could not be written/);
});

describe('where the chunks end in an error', () => {
  test('it is thrown as it is, an older file stays and nothing else', () => {
    const folder = folderWith({ file: 'older' });
    expect(() => writeWhole(join(folder, 'file'), thenFails())).toThrow(new ResedgeError('limit', 'no more'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('older');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('folders made for the file go, those that were there stay', () => {
    const folder = folderWith({ 'a/b': '' });
    expect(() => writeWhole(join(folder, 'a/c/d/file'), thenFails())).toThrow('no more');
    expect(readdirSync(folder, { recursive: true })).toEqual(['a', 'a/b']);
  });
});

test('what a killed process left of a file goes, and nothing else', () => {
  const others = ['file', 'file.partial', 'file.12.partial', 'other.0123abcd.partial', 'file.0123abcd'];
  const folder = folderWith(Object.fromEntries([...others, 'file.0123abcd.partial'].map((name) => [name, ''])));
  removePartials(join(folder, 'file'));
  removePartials(join(folder, 'none/file'));
  expect(readdirSync(folder).sort()).toEqual(others.toSorted());
});

test('an output is told apart from its sources by where it lies', () => {
  const folder = folderWith({ weights: '', 'sub/x': '' });
  symlinkSync('weights', join(folder, 'link'));
  const check = (output: string, ...sources: readonly string[]): void =>
    expectWritable(
      join(folder, output),
      sources.map((name) => join(folder, name)),
    );
  const usage = expect.objectContaining({ code: 'usage' });
  expect(() => check('sub/../weights', 'weights')).toThrow(usage);
  expect(() => check('link', 'weights')).toThrow(usage);
  expect(() => check('weights', 'link')).toThrow(usage);
  expect(() => check('new', 'weights', './new')).toThrow(usage);
  expect(() => check('sub', 'weights')).toThrow(expect.objectContaining({ code: 'io' }));
  expect(check('other', 'weights', 'link')).toBeUndefined();
  expect(readdirSync(folder)).toHaveLength(3);
});
