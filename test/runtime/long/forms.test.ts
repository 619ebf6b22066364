import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, json, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';
import { withValue } from '../node/safetensors.ts';

const number = expect.any(Number);
const convert = ['convert', WEIGHTS, '-o', 'model.onnx'];
const int8 = ['--calibrate', TABLE, '--corrections', 'none'];

type Guess = { readonly label: string; readonly probability: number };

/** What a model in `cwd` makes of the bundled pictures. */
async function classified(model: string, cwd: string): Promise<readonly (readonly Guess[])[]> {
  const stdout = await succeed(['classify', PICTURES, '--model', model, '--json'], { cwd });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).top);
}

test('--precision fp16 --json, judged on pictures', async () => {
  const cwd = folderWith();
  const result = await json([...convert, '--precision', 'fp16', '--calibrate', PICTURES], { cwd });
  expect(result).toEqual({
    ...{ arch: 'resnet20', parameters: 272_474, scheme: null, precision: 'fp16', foldedLayers: 21, layers: [] },
    ...{ bytes: statSync(join(cwd, 'model.onnx')).size, maxAbsError: number, ms: number },
    judgement: { agreement: 1, sqnrDb: number, pictures: 10, generated: false },
    keptFloat32: [],
  });
  const { sqnrDb } = (result as { judgement: { sqnrDb: number } }).judgement;
  expect(sqnrDb).toBeGreaterThan(55);
  const answers = await classified('model.onnx', cwd);
  expect(answers.map(([best]) => best?.label)).toEqual(CLASSES.map((_, i) => `class ${i}`));
});

test('--precision fp16 says what the file is right for and what was kept', async () => {
  const cwd = folderWith({ 'large.safetensors': withValue('fc.weight', 3, 1e5) });
  const args = ['convert', 'large.safetensors', '-o', 'model.onnx', '--precision', 'fp16'];
  const stdout = await succeed(args, { cwd });
  expect(stdout).toMatch(/precision +float16: right for CUDA, .*CoreML.*WebGPU/);
  expect(stdout).toMatch(/fidelity +\d+\.\d dB, 100\.00 % agreement with FP32 on 16 generated pictures/);
  expect(stdout).toMatch(/float32 +fc: fc\.weight reaches 1\.00e\+5, beyond float16's 65504/);
});

test('--precision fp16 refuses what is not faithful enough, and says which options it has no use for', async () => {
  const strict = [...convert, '--precision', 'fp16', '--min-sqnr', '90'];
  await refuse(strict, { code: 1, says: /expected the float16 model to be within 90 dB .* of FP32, it is at \d/ });
  const cwd = folderWith();
  const { code, stderr } = await resedge([...strict, '--force', '--scheme', 'u8s8', '--format', 'qdq'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'resedge: --scheme is not used by --precision fp16\nresedge: --format is not used by --precision fp16\n',
  });
});

test('--format qoperator --batch 4 answers as QDQ of any batch does', async () => {
  const cwd = folderWith();
  const form = ['--format', 'qoperator', '--batch', '4'];
  await Promise.all([
    succeed(['convert', WEIGHTS, '-o', 'qdq.onnx', ...int8], { cwd }),
    succeed(['convert', WEIGHTS, '-o', 'form.onnx', ...int8, ...form], { cwd }),
  ]);
  expect(await json(['inspect', 'form.onnx'], { cwd })).toMatchObject({
    inputs: [{ dims: [4, 32, 32, 3] }],
    outputs: [{ dims: [4, 10] }],
    nodes: expect.arrayContaining([{ op: 'QLinearConv', count: 21 }]),
    layers: expect.arrayContaining([expect.objectContaining({ op: 'QLinearConv', precision: 'int8' })]),
  });
  expect(await classified('form.onnx', cwd)).toEqual(await classified('qdq.onnx', cwd));
  await refuse([...convert, ...int8, '--batch', '0'], { code: 2, says: /whole number from 1 to 4096/ });
  await refuse([...convert, ...int8, '--scheme', 's8s8', '--format', 'qoperator'], {
    code: 2,
    says: /--format qoperator has operators .* expected --scheme u8s8-safe or u8s8, received s8s8/,
  });
});

test('inspect lists what every layer costs', async () => {
  const layer = { name: 'layer3.2.conv2', output: [1, 64, 8, 8], macs: 64 * 64 * 64 * 9 };
  expect(await json(['inspect', WEIGHTS])).toMatchObject({
    layers: expect.arrayContaining([
      {
        ...layer,
        op: 'Conv+BatchNormalization',
        parameters: 64 * 64 * 9 + 128,
        activationBytes: 16384,
        precision: 'float32',
      },
    ]),
    totals: { parameters: 272_474, macs: 40_813_184, peakActivationBytes: 3 * 65536, peakAt: 'layer1.0.conv2' },
    unknown: [],
  });
  const stdout = await succeed(['inspect', WEIGHTS, '--layers']);
  expect(stdout).toMatch(/^ {2}layers +33, 40\.81 MMACs for one picture$/m);
  expect(stdout).toMatch(/^ {2}activations +192 kB at most at layer1\.0\.conv2, nothing in place$/m);
  expect(stdout).toMatch(/^ {2}layer +operator +output +weights +MACs +memory +precision$/m);
  expect(stdout).toMatch(/^ {2}layer1\.0\.add +Add\+Relu +1 x 16 x 32 x 32 +- +- +64 kB +float32$/m);
});
