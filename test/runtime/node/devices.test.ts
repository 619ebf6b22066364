import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { bundledModels } from './models.ts';
import { json, resedge, WEIGHTS } from './resedge.ts';

const models = bundledModels();
const cpu = { provider: 'cpu', backend: 'onnxruntime-node', precision: 'int8', scheme: 'u8s8-safe' };
const cuda = { provider: 'cuda', backend: 'onnxruntime-node', precision: 'fp16' };
const own = { id: 'mine', extends: 'generic-x64' };
const bench = ['bench', '--model', models.int8, '--runs', '1'];

/** Runs a command in a folder with profiles of the user's, one of which the environment names. */
function withProfile(profile: unknown, args: readonly string[]) {
  const cwd = folderWith({ 'mine.json': JSON.stringify(profile) });
  return resedge(args, { cwd, env: { RESEDGE_DEVICE: './mine.json' } });
}

describe('a profile of the user', () => {
  test('says how many threads a model gets', async () => {
    const { stdout, ...rest } = await withProfile({ ...own, providers: [cpu], threads: 1 }, [...bench, '--json']);
    expect(rest).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'cpu', threads: 1 });
  });

  test('has a provider that the file is not made for passed over, with the reason', async () => {
    const { code, stdout, stderr } = await withProfile({ ...own, providers: [cuda, cpu] }, [...bench, '--json']);
    expect({ code, provider: JSON.parse(stdout).provider }).toEqual({ code: 0, provider: 'cpu' });
    expect(stderr).toBe(
      'resedge: running on cpu: cuda runs fp16 and fp32, not int8: for it convert with --precision fp16\n',
    );
  });

  test.each([
    [{ ...own, providers: [cuda] }, /int8\.onnx: expected a file that a provider of profile mine runs, cuda runs fp16/],
    [{ ...own, threads: -1 }, /RESEDGE_DEVICE: \.\/mine\.json: expected number to be >=0 at threads, received -1/],
  ])('is refused in one line: %j', async (profile, says) => {
    const { code, stdout, stderr } = await withProfile(profile, [...bench, '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^resedge: [^\n]*\n$/);
    expect(stderr).toMatch(says);
  });

  test('decides what convert makes', async () => {
    const cwd = folderWith({ 'mine.json': JSON.stringify({ ...own, precision: 'fp32' }) });
    const convert = ['convert', WEIGHTS, '-o', 'mine.onnx', '--device', './mine.json'];
    expect(await json(convert, { cwd })).toMatchObject({ precision: 'fp32', scheme: null });
  });
});

test('the environment names a bundled profile', async () => {
  const env = { RESEDGE_DEVICE: 'browser-wasm' };
  expect(await json(bench, { env })).toMatchObject({ provider: 'wasm' });
});
