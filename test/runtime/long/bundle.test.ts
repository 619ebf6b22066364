import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, json, PICTURES, refuse, resedge, runProgram, succeed, WEIGHTS } from '../node/resedge.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-bundle-'));
const at = (name: string): string => join(folder, name);
const model = at('model.onnx');
/** A registry that nobody answers for. */
const OFFLINE = {
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_cache: at('npm'),
  npm_config_fetch_retries: '0',
};

/** The arguments for a bundle. */
const args = (output: string, device: string, ...more: readonly string[]): readonly string[] => {
  return ['bundle', '--device', device, '--model', model, '-o', output, ...more];
};

beforeAll(async () => {
  writeFileSync(at('labels.json'), JSON.stringify(CLASSES));
  await succeed(['convert', WEIGHTS, '-o', model, '--precision', 'fp32', '--labels', at('labels.json')]);
  // What this machine needs is installed here, so that nothing has to be fetched.
  const here = { id: 'here', extends: 'generic-x64', detect: { arch: process.arch, platform: process.platform } };
  writeFileSync(at('here.json'), JSON.stringify(here));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a bundle for this machine', () => {
  test('answers by itself, wherever it lies, and replaces another only if forced', async () => {
    const made = at('made');
    mkdirSync(made);
    writeFileSync(join(made, 'old.txt'), 'old');
    await refuse(args(made, at('here.json')), { code: 2, says: /made: expected no folder or an empty one.*--force/ });
    expect(await json(args(made, at('here.json'), '--force'))).toMatchObject({
      ...{ folder: made, device: 'here', arch: process.arch, runtime: 'native', commands: expect.any(Array) },
      parts: [{ name: 'runtime' }, { name: 'pictures' }, { name: 'program' }, { name: 'model' }],
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(made).sort()).toEqual(expect.arrayContaining(['README.md', 'dist', 'model.onnx', 'resedge']));
    const files = readdirSync(made, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /^dist\/converter|old\.txt|\.d\.[cm]?ts$|\.map$/.test(name))).toEqual([]);

    const elsewhere = join(folderWith(), 'moved');
    renameSync(made, elsewhere);
    const picture = join(PICTURES, 'dog.svg');
    const run = await runProgram(
      join(elsewhere, 'resedge'),
      ['classify', picture, '--model', join(elsewhere, 'model.onnx'), '--json'],
      { cwd: elsewhere, env: { RESEDGE_CACHE: 'off' } },
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ answer: 'dog', provider: 'cpu' });
  });

  test('says which providers of the profile it has no libraries of', async () => {
    const choice = (provider: string) => ({ provider, backend: 'onnxruntime-node', precision: 'fp32' });
    const here = JSON.parse(readFileSync(at('here.json'), 'utf8'));
    const own = folderWith({ 'card.json': JSON.stringify({ ...here, providers: ['cuda', 'cpu'].map(choice) }) });
    const { code, stdout, stderr } = await resedge(args(join(own, 'made'), join(own, 'card.json')));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^resedge: the bundle has no libraries of cuda, [^\n]+\n$/),
    });
    expect(stdout).toMatch(/\n {2}runtime +onnxruntime-node [\d.]+ \(cpu\), /);
  });
});

describe('a bundle is refused, and nothing is left,', () => {
  test.each<readonly [string, (place: string) => readonly string[], RegExp, 1 | 2]>([
    ['for a browser', (place) => args(place, 'browser-wasm'), /a browser's/, 2],
    ['for an unknown device', (place) => args(place, 'raspberry'), /expected a device profile among/, 2],
    ['where a file is', () => args(model, 'raspberry-pi-5', '--force'), /a file is in the way/, 2],
    ['around its model', () => args(folder, 'raspberry-pi-5', '--force'), /this one holds .*model\.onnx/, 2],
    [
      'of a file that is no model',
      (place) => [...args(place, 'raspberry-pi-5'), '--model', WEIGHTS],
      /an ONNX model/,
      1,
    ],
    ['of a model that is missing', (place) => [...args(place, 'raspberry-pi-5'), '--model', 'none'], /no such file/, 1],
  ])('%s', async (_, words, says, code) => {
    await refuse(words(join(folderWith(), 'deep', 'bundle')), { code, says });
  });

  test('where the working folder is', async () => {
    const here = folderWith();
    await refuse(args('.', 'raspberry-pi-5', '--force'), {
      code: 2,
      says: /expected a folder of its own/,
      folder: here,
    });
  });

  test('without a registry to fetch the device from', async () => {
    const place = folderWith();
    const other = process.arch === 'arm64' ? 'generic-x64' : 'raspberry-pi-5';
    const { code, stdout, stderr } = await resedge(args(join(place, 'pi'), other), { env: OFFLINE });
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^[^\n]+\n$/) });
    expect(stderr).toMatch(
      /^resedge: expected @img\/sharp-linux-(?:arm64|x64)@[\d.]+ from the npm registry, .*npm config get registry/,
    );
    expect(readdirSync(place)).toEqual([]);
  });
});
