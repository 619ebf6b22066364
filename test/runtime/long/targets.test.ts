import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { contents, json, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';

/** Times differ. */
const MS = /"ms":\{[^}]*\},/g;
const plain = ['--corrections', 'none'];
const convert = ['convert', WEIGHTS, '-o'];
const named = (folder: string): readonly string[] => contents(folder).map((line) => line.split(' ')[0] ?? '');

test('a target chooses what the user leaves open, and tells what to run next', async () => {
  const cwd = folderWith();
  const tensorrt = [...convert, 'trt.onnx', '--target', 'tensorrt', '--calibrate', TABLE, ...plain];
  expect(await json(tensorrt, { cwd })).toMatchObject({
    ...{ target: 'tensorrt', scheme: 's8s8', precision: 'int8' },
    commands: [expect.stringMatching(/^trtexec --onnx=trt\.onnx --saveEngine=trt\.engine /)],
  });
});

test("a file in ONNX Runtime's own format classifies like the ONNX file", async () => {
  const cwd = folderWith();
  const convertTo = async (model: string, ...flags: readonly string[]): Promise<string> => {
    await succeed([...convert, model, '--calibrate', TABLE, ...plain, ...flags], { cwd });
    return (await succeed(['classify', PICTURES, '--model', model, '--json', '--top', '1'], { cwd })).replaceAll(
      MS,
      '',
    );
  };
  const answers = await convertTo('model.ort', '--target', 'ort');
  expect(answers.trim().split('\n')).toHaveLength(10);
  expect(answers).toBe(await convertTo('model.onnx'));
});

test("a folder for a vendor's tool holds the model, the pictures, its settings and what to run", async () => {
  const cwd = folderWith();
  const hailo = [...convert, 'hailo', '--target', 'hailo', '--calibrate', PICTURES, '--samples', '4'];
  expect(await json(hailo, { cwd })).toMatchObject({ target: 'hailo', precision: 'fp32' });
  const hailoFiles = ['README.md', 'calibration.npy', 'labels.txt', 'model.alls', 'model.onnx'];
  expect(named(join(cwd, 'hailo'))).toEqual(hailoFiles);
  const array = readFileSync(join(cwd, 'hailo/calibration.npy'));
  expect(array.toString('latin1')).toContain("'shape': (4, 32, 32, 3,)");
  expect(array.length % 64).toBe((4 * 32 * 32 * 3) % 64);
  await succeed([...convert, 'rknn', '--target', 'rknn', '--calibrate', PICTURES], { cwd });
  const rknnFiles = ['README.md', 'calibration.npy', 'convert.py', 'dataset.txt', 'labels.txt', 'model.onnx'];
  expect(named(join(cwd, 'rknn'))).toEqual(rknnFiles);
  expect(readFileSync(join(cwd, 'rknn/dataset.txt'), 'utf8').split('\n')).toHaveLength(11);
});

test('a repository for Triton holds the model, its configuration and its labels', async () => {
  const cwd = folderWith();
  await succeed([...convert, 'repository', '--target', 'triton', '--precision', 'fp32'], { cwd });
  const files = ['resnet20/1/model.onnx', 'resnet20/config.pbtxt', 'resnet20/labels.txt'];
  for (const file of files) expect([file, existsSync(join(cwd, 'repository', file))]).toEqual([file, true]);
});

describe('refused in one line, with nothing left behind', () => {
  test.each<[string, readonly string[], RegExp]>([
    ["a precision that the vendor's tool makes", ['out', '--target', 'rknn', '--precision', 'fp16'], /takes fp32/],
    ['another name', ['m.onnx', '--target', 'ort', '--precision', 'fp32'], /expected -o <model\.ort>/],
  ])('%s', async (_, args, says) => {
    await refuse([...convert, ...args], { code: 2, says });
  });

  test('a folder in the way', async () => {
    const folder = folderWith({ 'out/kept.txt': 'kept' });
    const args = [...convert, 'out', '--target', 'triton', '--precision', 'fp32'];
    await refuse(args, { code: 2, says: /expected no folder or an empty one, it holds files: name another$/m, folder });
  });

  test('pictures that cannot be read', async () => {
    const folder = folderWith({ 'bad/a.jpg': 'no picture' });
    const args = [...convert, 'out', '--target', 'rknn', '--calibrate', 'bad'];
    await refuse(args, { code: 1, says: /expected a readable picture/, folder });
  });
});

test('one network has one number of parameters; a file of it says what it holds, and threads are those there are', async () => {
  const cwd = folderWith();
  expect(await json([...convert, 'm.onnx', '--precision', 'fp32'], { cwd })).toMatchObject({ parameters: 272_474 });
  expect(await json(['inspect', WEIGHTS], { cwd })).toMatchObject({ parameters: 272_474 });
  expect(await succeed(['inspect', 'm.onnx'], { cwd })).toMatch(/^ +weights +271,693$/m);
  const again = ['convert', 'm.onnx', '-o', 'again.onnx', '--precision', 'fp32'];
  expect(await json(again, { cwd })).toMatchObject({ parameters: 271_693 });
  const { code, stderr } = await resedge(['bench', '--model', 'm.onnx', '--runs', '1', '--threads', '200'], { cwd });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^resedge: --threads 200 is more than the \d+ processors? here, \d+ will do\n$/);
  await refuse(['compare', TABLE, 'm.onnx', PICTURES], {
    code: 1,
    says: /calibration\.json: expected an ONNX model, found a file of another kind/,
  });
});
