import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { looksLikeTfjs, readTfjsFile } from '../../../../src/node/formats/tfjs.ts';
import { openNetwork } from '../../../../src/node/model/open-network.ts';
import { tfjsFiles } from '../../converter/tfjs/sources.ts';
import { refusal } from '../../converter/weights/files.ts';
import { folderWith } from '../folder.ts';

const { json, shards } = tfjsFiles('fused.uint8');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const MODEL = bytesOf(JSON.stringify(json));

/** The model with another path of its shard. */
function withShard(path: string): Uint8Array {
  const [group] = json.weightsManifest;
  return bytesOf(JSON.stringify({ ...json, weightsManifest: [{ ...group, paths: [path] }] }));
}

test.each([
  ['a model', JSON.stringify(json), true],
  ['one with a mark and spaces in front', `\uFEFF\n ${JSON.stringify(json)}`, true],
  ['one that is cut short', JSON.stringify(json).slice(0, 200), true],
  ['another JSON', '{"model": 1, "topology": 2}', false],
  ['a list', '["modelTopology"]', false],
  ['text', 'modelTopology', false],
  ['nothing', '', false],
] as const)('tells a model by its text: %s', (_, text, is) => {
  expect(looksLikeTfjs(bytesOf(text))).toBe(is);
});

test('reads a model and the shards beside it', async () => {
  const folder = folderWith({ 'model.json': MODEL, ...shards });
  const path = join(folder, 'model.json');
  expect(await openNetwork(path, MODEL, '', 'auto')).toMatchObject({ format: 'tfjs-graph', classes: 5 });
  await expect(openNetwork(path, MODEL, '', 'resnet18')).rejects.toThrow(/is a TensorFlow.js model, which says/);
});

test('takes a mark in front of the text', () => {
  const folder = folderWith(shards);
  const marked = bytesOf(`\uFEFF${JSON.stringify(json)}`);
  expect(readTfjsFile(join(folder, 'model.json'), marked).classes).toBe(5);
});

test('a shard that is missing is named', () => {
  const folder = folderWith();
  expect(refusal(() => readTfjsFile(join(folder, 'model.json'), MODEL))).toMatch(
    /^io: .*group1-shard1of1\.bin: expected a file of the model's weights, no such file/,
  );
});

test.each(['../secret.bin', '/etc/passwd', 'a/../../secret.bin', 'C:\\secret', '', '..'])(
  "a shard outside the model's folder is refused: %j",
  (path) => {
    const folder = folderWith({ 'secret.bin': 'data', 'model/model.json': '' });
    expect(refusal(() => readTfjsFile(join(folder, 'model/model.json'), withShard(path)))).toMatch(
      /^input: expected shards inside the folder of /,
    );
  },
);

test('a link to a shard outside the folder is refused', () => {
  const folder = folderWith({ secret: 'data', 'model/model.json': '' });
  symlinkSync(join(folder, 'secret'), join(folder, 'model/w.bin'));
  expect(refusal(() => readTfjsFile(join(folder, 'model/model.json'), withShard('w.bin')))).toMatch(
    /^input: expected shards inside/,
  );
});

test('a model that is no UTF-8 is refused', () => {
  expect(refusal(() => readTfjsFile('model.json', Uint8Array.of(0x7b, 0xff)))).toMatch(
    /^input: expected UTF-8 text in model\.json/,
  );
});
