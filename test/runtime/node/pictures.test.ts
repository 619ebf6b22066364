import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { bundledModels } from './models.ts';
import { CLASSES, PICTURES, refuse, resedge, succeed, WEIGHTS } from './resedge.ts';

const models = bundledModels();

const svg = (name: string): Uint8Array => readFileSync(join(PICTURES, `${name}.svg`));

/** A folder with two whole pictures and two that are none. */
function mixedFolder(): string {
  return folderWith({ 'in/cat.svg': svg('cat'), 'in/dog.svg': svg('dog'), 'in/cut.jpg': 'JPEG?', 'in/empty.png': '' });
}

const NAMED = [
  'resedge: skipped 1 of 4 pictures: in/cut.jpg: expected JPEG, PNG, WebP, AVIF, GIF, TIFF or SVG, this is something else or damaged',
  'resedge: skipped 2 of 4 pictures: in/empty.png: expected a picture, the file is empty',
  '',
].join('\n');

test('a folder of many pictures, inferred side by side, gives the answers of one thread in the same order', async () => {
  const names = ['cat', 'dog', 'ship'];
  const files = Array.from({ length: 66 }, (_, i) => [`in/${i}.svg`, svg(names[i % names.length] ?? '')] as const);
  const folder = folderWith(Object.fromEntries(files));
  const answers = async (threads: string): Promise<string> => {
    const args = ['classify', 'in', '--model', models.int8, '--json', '--threads', threads];
    return (await succeed(args, { cwd: folder })).replaceAll(/"ms":\{[^}]*\}/g, '');
  };
  const single = await answers('1');
  expect(single.trimEnd().split('\n')).toHaveLength(66);
  expect(await answers('2')).toBe(single);
});

describe('pictures that cannot be read are named and counted, the others are done,', () => {
  test('by classify', async () => {
    const { code, stdout, stderr } = await resedge(['classify', 'in', '--model', models.int8], { cwd: mixedFolder() });
    expect({ code, stderr }).toEqual({ code: 1, stderr: NAMED });
    expect(stdout.match(/^in\/\S+$/gm)).toEqual(['in/cat.svg', 'in/dog.svg']);
  });

  test('by classify --json, with a line for each', async () => {
    const args = ['classify', 'in', '--model', models.int8, '--json', '--top', '1'];
    const { code, stdout, stderr } = await resedge(args, { cwd: mixedFolder() });
    expect({ code, stderr }).toEqual({ code: 1, stderr: NAMED });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { image: 'in/cat.svg', top: [{ label: 'cat' }] },
      { image: 'in/cut.jpg', error: expect.stringContaining('in/cut.jpg: expected JPEG') },
      { image: 'in/dog.svg', top: [{ label: 'dog' }] },
      { image: 'in/empty.png', error: 'in/empty.png: expected a picture, the file is empty' },
    ]);
  });

  test('by convert --calibrate', async () => {
    const folder = mixedFolder();
    const args = ['convert', WEIGHTS, '-o', 'model.onnx', '--calibrate', 'in', '--corrections', 'none', '--json'];
    const { code, stdout, stderr } = await resedge(args, { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `resedge: calibrated on 2 pictures, which is few: 8 or more different ones, typical of use, give safer ranges\n${NAMED}`,
    );
    expect(JSON.parse(stdout)).toMatchObject({ precision: 'int8' });
    expect(await succeed(['classify', 'in/cat.svg', '--model', 'model.onnx'], { cwd: folder })).toContain('class 3');
  });

  test('by evaluate', async () => {
    const folder = folderWith({ 'in/cat/1.svg': svg('cat'), 'in/cat/2.jpg': 'JPEG?', 'in/dog/1.svg': svg('dog') });
    const { code, stdout, stderr } = await resedge(['evaluate', 'in', '--model', models.int8, '--json'], {
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resedge: skipped 1 of 3 pictures: in\/cat\/2\.jpg: [^\n]*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ images: 2, skipped: 1, top1: 1 });
  });
});

describe('nothing to do is a failure', () => {
  test('by classify', async () => {
    const says = /expected pictures, found none/;
    await refuse(['classify', '.', '--model', models.int8], { code: 1, says, folder: folderWith({ 'a.txt': 'a' }) });
    await refuse(['classify', 'gone', '--model', models.int8], { code: 1, says: /gone: no such file or folder/ });
  });

  test('by evaluate', async () => {
    const evaluate = ['evaluate', 'in', '--model', models.int8];
    const refused = (files: Readonly<Record<string, string>>, says: RegExp): Promise<void> =>
      refuse(evaluate, { code: 1, says, folder: folderWith(files) });
    await refused({}, /in: expected a folder of class folders, no such file or folder/);
    await refused({ 'in/a.jpg': '' }, /in: expected folders named for the classes, found none/);
    await refused({ 'in/cat/a.txt': '' }, /in: expected pictures in its class folders, found none/);
    await refused({ 'in/cat/a.jpg': '', 'in/unicorn/b.jpg': '' }, /in\/unicorn: expected a folder named for a class/);
    await refused({ 'in/cat/a.jpg': '' }, /expected readable pictures, all 1 failed: in\/cat\/a\.jpg/);
  });
});

describe('pictures of every kind', () => {
  test('a turned, a grey and a transparent one are read as they are meant', async () => {
    const cat = sharp(svg('cat'), { density: 150 }).flatten({ background: '#ffffff' });
    const folder = folderWith({
      'turned.jpg': await cat.clone().rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer(),
      'plain.PNG': await cat.clone().ensureAlpha().png().toBuffer(),
      'sub/deeper/grey.webp': await cat.clone().greyscale().webp().toBuffer(),
      '.hidden.jpg': 'not looked at',
    });
    const stdout = await succeed(['classify', '.', '--model', models.fp32, '--json'], { cwd: folder });
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found).toMatchObject([
      { image: 'plain.PNG', answer: 'cat' },
      { image: 'sub/deeper/grey.webp', answer: expect.any(String) },
      { image: 'turned.jpg', answer: 'cat' },
    ]);
  });
});

describe('evaluate finds the class of a folder', () => {
  /** A folder of class folders under the given names, in the order of the classes; each holds one picture. */
  function classFolders(nameOf: (label: string, index: number) => string): string {
    const files = CLASSES.map((label, index) => [`in/${nameOf(label, index)}/1.svg`, svg(label)] as const);
    return folderWith(Object.fromEntries(files));
  }

  test('by label', async () => {
    const folder = classFolders((label) => label);
    symlinkSync('nowhere', join(folder, 'in/broken-link'));
    const stdout = await succeed(['evaluate', 'in', '--model', models.int8, '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ images: 10, top1: 1, top5: 1 });
  });

  test('by WordNet id', async () => {
    const id = (index: number): string => `n0000000${index}`;
    const folder = classFolders((_, index) => id(index));
    const lines = CLASSES.map((label, index) => `${id(index)} ${label}, and more`).join('\n');
    cpSync(folderWith({ labels: lines }), folder, { recursive: true });
    await succeed(['convert', WEIGHTS, '-o', 'm.onnx', '--precision', 'fp32', '--labels', 'labels'], { cwd: folder });
    const stdout = await succeed(['evaluate', 'in', '--model', 'm.onnx', '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ images: 10, top1: 1 });
    const told = await succeed(['classify', `in/${id(3)}`, '--model', 'm.onnx', '--json'], { cwd: folder });
    expect(JSON.parse(told)).toMatchObject({ answer: 'cat, and more' });
  });

  test('in alphabetical order for a model without labels, and says so', async () => {
    const folder = classFolders((label) => label);
    await succeed(['convert', WEIGHTS, '-o', 'm.onnx', '--precision', 'fp32'], { cwd: folder });
    const { code, stdout, stderr } = await resedge(['evaluate', 'in', '--model', 'm.onnx', '--json'], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^resedge: the model has no labels: [^\n]*\(0 is airplane\)[^\n]*\n$/),
    });
    expect(JSON.parse(stdout)).toMatchObject({ top1: 1 });
  });
});
