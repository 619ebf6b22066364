import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePage } from '../../../../src/node/page/write.ts';
import { contents } from '../../../runtime/node/resedge.ts';
import { folderWith } from '../folder.ts';
import { modelFile } from './model-file.ts';

const FILES = { 'model.onnx': modelFile({}) };

/** The one line that writing `page` in the folder ends with; the folder stays as it is. */
function refusal(folder: string, request: { readonly model?: string; readonly device?: string } = {}): string {
  const before = contents(folder);
  const { model = 'model.onnx', device } = request;
  try {
    writePage({ folder: join(folder, 'page'), models: [join(folder, model)], device });
    return 'written';
  } catch (error) {
    expect(contents(folder)).toEqual(before);
    return error instanceof Error ? error.message.replaceAll(`${folder}/`, '') : '';
  }
}

test('a folder of something else, and a file in its place', () => {
  expect(refusal(folderWith({ ...FILES, 'page/notes.txt': 'mine' }))).toBe(
    'page: expected a new or empty folder, or a page written before, it holds other files: name another folder',
  );
  expect(refusal(folderWith({ ...FILES, 'page/manifest.json': '{"name": "an app"}' }))).toMatch(
    /^page: expected a new/,
  );
  expect(refusal(folderWith({ ...FILES, page: 'mine' }))).toBe(
    'page: expected a folder to write the page to, a part of the path is not a folder',
  );
});

test('no model, and none made by convert', () => {
  expect(refusal(folderWith(), { model: 'none.onnx' })).toMatch(/^none\.onnx: expected a model, no such file/);
  expect(refusal(folderWith({ 'text.onnx': 'text' }), { model: 'text.onnx' })).toMatch(
    /^text\.onnx: expected an ONNX model/,
  );
});

test('a device that is no browser', () => {
  expect(refusal(folderWith(FILES), { device: 'raspberry-pi-4' })).toMatch(
    /^expected a browser's profile for a page, received raspberry-pi-4/,
  );
  expect(refusal(folderWith(FILES), { device: 'abacus' })).toMatch(/^expected a device profile among/);
});
