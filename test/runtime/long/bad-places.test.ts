import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import {
  contents,
  MAIN,
  type Outcome,
  PICTURES,
  refuse,
  resedge,
  runProgram,
  succeed,
  TABLE,
  WEIGHTS,
  type Where,
} from '../node/resedge.ts';

const convert = (output: string, weights = WEIGHTS): readonly string[] => [
  'convert',
  weights,
  '-o',
  output,
  '--precision',
  'fp32',
];

/** Runs the command where no file may grow beyond so many kibibytes, which the system reports as it reports a full disk. */
function onFullDisk(kibibytes: number): (args: readonly string[], where: Where) => Promise<Outcome> {
  const script = `ulimit -f ${kibibytes}; exec "$@"`;
  return (args, where) => runProgram('bash', ['-c', script, 'bash', process.execPath, MAIN, ...args], where);
}

describe('a full disk', () => {
  test('where the model goes', async () => {
    const folder = folderWith({ 'model.onnx': 'what was there' });
    await refuse(
      convert('model.onnx'),
      { code: 1, says: /model\.onnx: could not be written, .*; nothing was left behind$/m, folder },
      onFullDisk(900),
    );
    expect(readFileSync(join(folder, 'model.onnx'), 'utf8')).toBe('what was there');
  });

  test('where the model goes, in a folder made for it', async () => {
    await refuse(convert('new/folder/model.onnx'), { code: 1, says: /could not be written/ }, onFullDisk(900));
  });

  test('where temporary files go', async () => {
    const says = /expected room for a temporary model in .*set TMPDIR$/m;
    await refuse(convert('model.onnx'), { code: 1, says }, onFullDisk(100));
  });

  test('where the results go', async () => {
    const script = `ulimit -f 0; exec "$0" "$1" devices list > list.txt`;
    const folder = folderWith();
    const { code, stderr } = await runProgram('bash', ['-c', script, process.execPath, MAIN], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^resedge: the output could not be written, [^\n]*\n$/),
    });
  });
});

test('a folder for temporary files that is not there', async () => {
  const run = (args: readonly string[], where: Where): Promise<Outcome> =>
    resedge(args, { ...where, env: { TMPDIR: '/nowhere' } });
  await refuse(convert('model.onnx'), { code: 1, says: /temporary model in \/nowhere/ }, run);
});

describe('an output that cannot be there', () => {
  /** Where even root may not create a file, on Linux; elsewhere root does not run tests. */
  const forbidden = (): string => {
    if (process.getuid?.() === 0) return '/sys';
    const folder = join(folderWith(), 'read-only');
    mkdirSync(folder, { mode: 0o555 });
    return folder;
  };

  test('in a folder that takes none', async () => {
    await refuse(convert(join(forbidden(), 'model.onnx')), { code: 1, says: /model\.onnx: could not be written, / });
    await refuse(convert(join(forbidden(), 'new/model.onnx')), {
      code: 1,
      says: /model\.onnx: could not be written, /,
    });
  });

  test('the folder of a target where none can be made, before any work', async () => {
    const folder = folderWith({ file: '' });
    const target = ['--target', 'triton'];
    await refuse([...convert(join(forbidden(), 'new/repository')), ...target], {
      code: 1,
      says: /^resedge: \S+repository: could not be written, /,
    });
    await refuse([...convert('file/repository'), ...target], { code: 1, says: /repository: .*file is a file/, folder });
  });

  test('below a file', async () => {
    const folder = folderWith({ file: '' });
    await refuse(convert('file/model.onnx'), { code: 1, says: /file\/model\.onnx: .*file is a file/, folder });
  });

  test('a folder', async () => {
    await refuse(convert('.'), { code: 1, says: /\.: expected a file to write, it is a folder/ });
  });

  test('a device', async () => {
    await refuse(convert('/dev/null'), {
      code: 1,
      says: /\/dev\/null: expected a file to write, it is no regular file/,
    });
  });

  test('the weights, by name or through a link', async () => {
    const folder = folderWith({ 'weights.safetensors': readFileSync(WEIGHTS) });
    symlinkSync('weights.safetensors', join(folder, 'link'));
    const says = /expected another file to write to/;
    await refuse(convert('./weights.safetensors', 'weights.safetensors'), { code: 2, says, folder });
    await refuse(convert('link', 'weights.safetensors'), { code: 2, says, folder });
    await refuse(convert('weights.safetensors', 'link'), { code: 2, says, folder });
  });

  test('the labels, the calibration table, or the table to save', async () => {
    const folder = folderWith({ labels: 'a', table: readFileSync(TABLE) });
    const says = /expected another file to write to/;
    await refuse([...convert('labels'), '--labels', 'labels'], { code: 2, says, folder });
    await refuse(['convert', WEIGHTS, '-o', 'table', '--calibrate', 'table'], { code: 2, says, folder });
    await refuse(['convert', WEIGHTS, '-o', 'x', '--save-table', 'x', '--calibrate', PICTURES], {
      code: 2,
      says,
      folder,
    });
  });
});

test('a missing folder is made, and nothing but the file is left there', async () => {
  const folder = folderWith();
  const temporary = folderWith();
  await succeed(convert('a/b/model.onnx'), { cwd: folder, env: { TMPDIR: temporary } });
  expect(contents(folder)).toEqual(['a ', 'a/b ', expect.stringMatching(/^a\/b\/model\.onnx \d+$/)]);
  expect(contents(temporary)).toEqual([]);
});
