import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededFile } from '../../unit/converter/networks.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, json, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';

const convert = ['convert', WEIGHTS, '-o', 'model.onnx', '--corrections', 'bias'];
/** A network whose every part is measured in no time; without pictures it is judged on 16 generated ones. */
const small = ['convert', 'small.safetensors', '-o', 'model.onnx', '--input-size', '16', '--calibrate', 'none'];
const SMALL = seededFile({ depths: [1, 1] });
const number = expect.any(Number);

/** A folder of the bundled drawings in class folders, beside a file of labels. */
function labelled(): string {
  const folder = folderWith({ 'labels.txt': CLASSES.join('\n') });
  for (const name of CLASSES) {
    mkdirSync(join(folder, 'drawings', name), { recursive: true });
    cpSync(join(PICTURES, `${name}.svg`), join(folder, 'drawings', name, `${name}.svg`));
  }
  return folder;
}

test('--min-sqnr keeps layers in higher precision and says at what price', async () => {
  const cwd = folderWith({ 'small.safetensors': SMALL });
  const args = [...small, '--scheme', 'u8s4', '--min-sqnr', '26', '--report', 'report.html'];
  const { kept, budget, bytes } = (await json(args, { cwd })) as Record<string, unknown>;
  expect(kept).toContainEqual({ name: expect.any(String), precision: 'wider', sqnrDb: number });
  const figures = { pictures: 8, sqnrDb: number, agreement: number };
  const part = { bytes: number, ms: { p50: number, p90: number } };
  expect(budget).toMatchObject({
    ...{ asked: { sqnrDb: 26 }, reached: true, search: figures },
    ...{ plain: { ...figures, pictures: 16 }, proof: { ...figures, fresh: expect.any(Boolean) } },
    price: { where: expect.stringContaining('provider'), plain: part, mixed: { ...part, bytes } },
  });
  expect(bytes).toBe(statSync(join(cwd, 'model.onnx')).size);
  expect((budget as { price: { plain: { bytes: number } } }).price.plain.bytes).toBeLessThan(bytes as number);
});

test('--max-drop on labelled pictures, in words', async () => {
  const cwd = labelled();
  const args = ['--calibrate', TABLE, '--labels', 'labels.txt', '--validate', 'drawings', '--max-drop', '10'];
  const stdout = await succeed([...convert, ...args], { cwd });
  expect(stdout).toMatch(/fidelity +.* on 10 pictures of drawings\n/);
  expect(stdout).toMatch(
    /budget +a drop of 10\.00 points: u8s8-safe throughout holds it with a drop of -?\d+\.00 points\n/,
  );
});

test('--max-drop below one picture is taken at its word, with a warning', async () => {
  const cwd = labelled();
  const args = ['--calibrate', 'drawings', '--labels', 'labels.txt', '--max-drop', '5'];
  const { code, stderr } = await resedge([...convert, ...args], { cwd });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^resedge: --max-drop 5 is less than one of the 2 pictures judged \(50\.00 points\), .*\n$/m);
});

test.each(['0', '-1', 'x', '101'])('--max-drop %s is no budget', async (points) => {
  await refuse([...convert, '--calibrate', TABLE, '--max-drop', points], {
    code: 2,
    says: /--max-drop <points>.*Expected points above 0.*no sample can promise.*100 \/ n points/,
  });
});

test('--max-drop needs to know what pictures show', async () => {
  const drop = ['--max-drop', '1'];
  await refuse([...convert, '--calibrate', 'none', ...drop], {
    code: 2,
    says: /needs labelled pictures: give --validate/,
  });
  await refuse([...convert, '--calibrate', PICTURES, ...drop], {
    code: 1,
    says: /--max-drop needs labelled pictures.*--validate: .*expected folders named for the classes, found none/,
  });
  const folder = labelled();
  writeFileSync(join(folder, 'other.txt'), CLASSES.map((name) => `no ${name}`).join('\n'));
  await refuse([...convert, '--calibrate', TABLE, '--validate', 'drawings', ...drop, '--labels', 'other.txt'], {
    ...{ code: 1, folder },
    says: /drawings\/airplane: expected a folder named for a class/,
  });
});

test('a budget out of reach writes nothing, unless forced', async () => {
  const args = [...small, '--min-sqnr', '150'];
  const cwd = folderWith({ 'small.safetensors': SMALL });
  const says =
    /expected 150\.0 dB against FP32, which is out of reach: u8s8-safe throughout is at \d+\.\d dB, with all but one/;
  await refuse(args, { code: 1, says, folder: cwd });
  const { code, stdout, stderr } = await resedge([...args, '--force'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/budget +150\.0 dB: out of reach, u8s8-safe throughout is at/);
  expect(stderr).toMatch(says);
});
