import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { inspectFile } from '../../../src/node/model/inspect.ts';
import { openModel } from '../../../src/node/model/open-model.ts';
import { openNetwork } from '../../../src/node/model/open-network.ts';
import { toOrtFormat } from '../../../src/node/targets/ort-format.ts';
import { identify } from '../../../src/onnx/identify.ts';
import { expectNotOrt, looksLikeOrt, readOrtMetadata } from '../../../src/onnx/ort-format.ts';
import { looksLikeOnnx } from '../../../src/onnx/recognise.ts';
import { convertFile, raw } from '../converter/conversions.ts';
import { seededFile } from '../converter/networks.ts';
import { folderWith } from '../node/folder.ts';

let onnx: Uint8Array = new Uint8Array();
let ort: Uint8Array = new Uint8Array();

beforeAll(async () => {
  const { model } = await convertFile(seededFile({ depths: [1] }), raw(32));
  onnx = model;
  ort = new Uint8Array(await toOrtFormat([model]));
});

test("a file of ONNX Runtime's keeps what the model says of itself", () => {
  expect([looksLikeOrt(ort), looksLikeOrt(onnx), looksLikeOnnx(ort)]).toEqual([true, false, false]);
  expect(identify('m.ort', ort)).toEqual(identify('m.onnx', onnx));
});

test('where the layers are wanted, such a file is refused', () => {
  expect(() => expectNotOrt('m.ort', ort)).toThrow(
    /^m\.ort: expected an ONNX model, found one in ONNX Runtime's format/,
  );
  expectNotOrt('m.onnx', onnx);
});

test('under the name of an ONNX model it is one line, wherever a model is read', async () => {
  const path = join(folderWith({ 'm.onnx': ort }), 'm.onnx');
  const found = "expected an ONNX model, found one in ONNX Runtime's format: give";
  await expect(openModel(path)).rejects.toThrow(`${path}: ${found} it a name that ends with .ort`);
  for (const read of [inspectFile(path, ort), openNetwork(path, ort, '', 'auto')]) {
    await expect(read).rejects.toThrow(`${path}: ${found} the ONNX model of the same conversion`);
  }
});

test('a picture is no such file', () => {
  expect(looksLikeOrt(new Uint8Array(readFileSync(new URL('../../../docs/demo.png', import.meta.url))))).toBe(false);
  expect(looksLikeOrt(new Uint8Array())).toBe(false);
});

test('damaged bytes are an error of its own, whatever they are', () => {
  expect(() => readOrtMetadata(ort.subarray(0, 40))).toThrow(
    /^expected a model in ONNX Runtime format, found damaged bytes/,
  );
  const edits = fc.array(fc.tuple(fc.nat(ort.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(edits, fc.nat(ort.length), (changes, length) => {
      const damaged = ort.slice();
      for (const [at, byte] of changes) damaged[at] = byte;
      try {
        readOrtMetadata(damaged.subarray(0, length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'input' });
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});
