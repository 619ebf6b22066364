import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, json, MAIN, PICTURES, resedge, runProgram, succeed, TABLE, WEIGHTS } from './resedge.ts';

const number = expect.any(Number);
const text = expect.any(String);
/** For files whose fidelity does not matter. */
const plain = ['--corrections', 'none'];
const convert = ['convert', WEIGHTS, '-o', 'model.onnx'];

test('--json, to FP32', async () => {
  const folder = folderWith();
  const result = await json([...convert, '--precision', 'fp32'], { cwd: folder });
  expect(result).toEqual({
    arch: 'resnet20',
    parameters: 272_474,
    scheme: null,
    precision: 'fp32',
    bytes: statSync(join(folder, 'model.onnx')).size,
    maxAbsError: number,
    foldedLayers: 21,
    layers: [],
    ms: number,
  });
  expect((result as { maxAbsError: number }).maxAbsError).toBeLessThan(1e-4);
});

test('--json, to INT8, in the scheme that is right everywhere', async () => {
  const result = await json([...convert, '--calibrate', TABLE], { cwd: folderWith() });
  expect(result).toMatchObject({
    ...{ scheme: 'u8s8-safe', precision: 'int8' },
    judgement: { saturated: 0, saturatedShare: 0, saturatedLayers: [], accumulators: number, unfused: [] },
  });
  const { layers } = result as { layers: readonly { name: string; sqnrDb: number }[] };
  expect(layers.length).toBeGreaterThan(20);
  for (const layer of layers) expect(layer).toEqual({ name: text, sqnrDb: number });
  expect(layers.at(-1)?.name).toBe('fc');
});

test('says to people what was found and what the file is right for', async () => {
  const stdout = await succeed([...convert, '--calibrate', TABLE], { cwd: folderWith() });
  expect(stdout).toMatch(/network +resnet20: .*10 classes/);
  expect(stdout).toMatch(/folded +21 batch norms/);
  expect(stdout).toMatch(/scheme +u8s8-safe: right for .*WASM/);
  expect(stdout).toMatch(/kernels +22 of 22 layers run in INT8, no accumulator saturates \(AVX2, [\d,]+ looked at\)/);
  expect(stdout).toMatch(/file +model\.onnx, 1\.1 MB -> \d+ kB/);
});

test('takes precision and scheme from a device, and both from flags before that', async () => {
  const calibrated = [...convert, '--calibrate', TABLE, ...plain];
  const cwd = folderWith();
  const of = async (...flags: readonly string[]): Promise<unknown> => json([...calibrated, ...flags], { cwd });
  expect(await of('--device', 'raspberry-pi-5')).toMatchObject({ scheme: 'u8s8', precision: 'int8' });
  expect(await of('--device', 'raspberry-pi-5', '--scheme', 's8s8')).toMatchObject({ scheme: 's8s8' });
});

test('of an option that is given twice, the last one counts', async () => {
  const cwd = folderWith();
  const twice = ['--precision', 'int8', '--precision', 'fp32', '--mean', '1,1,1', '--mean', '0.5,0.4,0.3'];
  await succeed(['convert', WEIGHTS, '-o', 'first.onnx', '-o', 'last.onnx', ...twice], { cwd });
  expect(await json(['inspect', 'last.onnx'], { cwd })).toMatchObject({
    metadata: { precision: 'fp32', preprocessing: { mean: [0.5, 0.4, 0.3] } },
  });
  expect(await resedge(['inspect', 'first.onnx'], { cwd })).toMatchObject({ code: 1 });
});

test('writes down how pictures are prepared', async () => {
  const cwd = folderWith();
  const caffe = ['--scale', '1', '--mean', '104,117,123', '--std', '1,1,1', '--channels', 'bgr'];
  const shape = [
    '--input',
    'float',
    '--layout',
    'nhwc',
    '--input-size',
    '48',
    '--resize',
    '50',
    '--interpolation',
    'bicubic',
  ];
  await succeed([...convert, '--precision', 'fp32', ...caffe, ...shape], { cwd });
  expect(await json(['inspect', 'model.onnx'], { cwd })).toMatchObject({
    inputs: [{ dtype: 'float32', dims: ['N', 48, 48, 3] }],
    metadata: {
      preprocessing: {
        ...{ input: 'float', layout: 'nhwc', inputSize: 48, resize: 50, channels: 'bgr' },
        ...{ scale: 1, mean: [104, 117, 123], std: [1, 1, 1], interpolation: 'bicubic' },
      },
    },
  });
});

test('a table that was saved gives the file that the pictures gave', async () => {
  const cwd = folderWith();
  const from = (...flags: readonly string[]): readonly string[] => ['convert', WEIGHTS, ...flags];
  await succeed(from('-o', 'a.onnx', '--calibrate', PICTURES, '--save-table', 'table.json', ...plain), { cwd });
  await succeed(from('-o', 'b.onnx', '--calibrate', 'table.json', ...plain), { cwd });
  expect(readFileSync(join(cwd, 'b.onnx')).equals(readFileSync(join(cwd, 'a.onnx')))).toBe(true);
});

test('shows progress on a terminal, and results stay apart from it', async () => {
  const terminal = 'data:text/javascript,process.stderr.isTTY=true';
  const args = ['--import', terminal, MAIN, ...convert, '--calibrate', PICTURES, ...plain, '--json'];
  const { code, stdout, stderr } = await runProgram(process.execPath, args, { cwd: folderWith() });
  expect(code).toBe(0);
  expect(stderr).toMatch(/calibrate .* 10 of 10/);
  expect(stderr.endsWith('\r\x1b[K')).toBe(true);
  expect(JSON.parse(stdout)).toMatchObject({ precision: 'int8' });
});

test('npm start goes the whole way, and both models name all ten pictures', async () => {
  const folder = folderWith();
  const temporary = folderWith();
  const args = ['start', '--silent', '--', '--output', join(folder, 'out')];
  const { code, stdout, stderr } = await runProgram('npm', args, { env: { TMPDIR: temporary } });
  expect({ code, stderr: stderr.replace(/^npm warn .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  for (const name of CLASSES) {
    expect(stdout).toMatch(new RegExp(`^  ${name}\\.svg +${name} [01]\\.\\d+ +${name} [01]\\.\\d+ `, 'm'));
  }
  expect(stdout).toContain('INT8 agrees with FP32 on 10 of 10 pictures and is right on 10 of 10.');
  expect(stdout).toMatch(/network +resnet20/);
  expect(stdout).toMatch(/folded +21 batch norms/);
  expect(stdout).toMatch(/fp32\.onnx +1\.1 MB -> 1\.0 MB +[\d.]+ ms +1\.00x/);
  expect(stdout).toMatch(/int8\.onnx +1\.1 MB -> \d+ kB +[\d.]+ ms +[\d.]+x/);
  expect(stdout).toContain('npx resedge convert');
  expect(stdout).toContain('npx resedge classify');
});
