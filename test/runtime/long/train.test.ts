import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { streamAt } from '../../../converter/train/stream.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { contents, json, MAIN, type Outcome, refuse, resedge, runProgram } from '../node/resedge.ts';

const CLASSES = ['blue', 'green', 'red'];
const PICTURES = 8;
const SIDE = 8;

const root = mkdtempSync(join(tmpdir(), 'resedge-train-'));
const data = join(root, 'data');
const weights = join(root, 'weights.safetensors');

const EPOCHS = 6;
/** A kill that comes after the end says nothing and is tried again. */
const KILLS = 5;
const QUICK = ['--input-size', String(SIDE), '--batch', '4', '--threads', '1', '--lr', '0.1'];
const command = (output: string, ...more: readonly string[]): readonly string[] => [
  ...['train', '--data', data, '-o', output, ...QUICK, '--epochs', String(EPOCHS)],
  ...more,
];

beforeAll(async () => {
  for (const [label, name] of CLASSES.entries()) {
    mkdirSync(join(data, name), { recursive: true });
    for (let i = 0; i < PICTURES; i++) {
      const random = streamAt(label, i);
      const pixels = Uint8Array.from(
        { length: SIDE * SIDE * 3 },
        (_, at) => 90 * random() + (at % 3 === 2 - label ? 120 : 0),
      );
      const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(data, name, `${i}.png`));
    }
  }
  expect(await resedge(command(weights, '--json'))).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => rmSync(root, { recursive: true }));

/** A training under way that has printed its first epoch, and how it will have ended. */
async function begun(
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly ended: Promise<Outcome> }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended]);
  return { child, ended };
}

describe('train', () => {
  test('writes weights that convert reads with their labels', async () => {
    const model = join(root, 'model.onnx');
    const found = await json(['convert', weights, '-o', model, '--precision', 'fp32']);
    expect(found).toMatchObject({ arch: 'resnet20' });
    const { metadata } = (await json(['inspect', model])) as { readonly metadata: Record<string, unknown> };
    expect(metadata).toMatchObject({ labels: CLASSES, preprocessing: { inputSize: SIDE, resize: SIDE } });
  });

  test('leaves the weights alone, no checkpoint and no lock', () => {
    expect(contents(root).filter((name) => /checkpoint|lock|partial/.test(name))).toEqual([]);
  });

  test('killed in the middle of an epoch, it comes to the same bytes', async () => {
    const folder = folderWith();
    const output = join(folder, 'killed.safetensors');
    let outcome: Outcome | undefined;
    for (let kills = 0; kills < KILLS && outcome?.code !== null; kills++) {
      rmSync(output, { force: true });
      const { child, ended } = await begun(command(output));
      child.kill('SIGKILL');
      outcome = await ended;
    }
    expect(outcome?.code).toBeNull();
    expect(existsSync(output)).toBe(false);
    writeFileSync(output.replace('.safetensors', '.checkpoint.0123abcd.partial'), 'half a checkpoint');
    const { code, stdout, stderr } = await resedge(command(output));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/resumed +after epoch [1-5] of 6\n/);
    expect(readFileSync(output).equals(readFileSync(weights))).toBe(true);
    expect(contents(folder)).toHaveLength(1);
  });

  test('one process at a time; told to stop, it keeps the last epoch; a full disk does not take it', async () => {
    const folder = folderWith();
    const output = join(folder, 'stopped.safetensors');
    const checkpoint = join(folder, 'stopped.checkpoint');
    const long = command(output, '--epochs', '2000');
    const { child, ended } = await begun(long);
    const second = await resedge(long);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(`^resedge: .*stopped.checkpoint: process ${child.pid} is training with it: wait for it`),
    );
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^resedge: stopped in epoch \d+: epoch \d+ is kept in .*; the same command goes on from there\n$/,
    );
    expect(contents(folder)).toHaveLength(1);

    const kept = readFileSync(checkpoint);
    const script = 'ulimit -f 100; trap "" XFSZ; exec "$@"';
    const full = await runProgram('bash', ['-c', script, 'bash', process.execPath, MAIN, ...long, '--json']);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/checkpoint of epoch \d+ could not be written, .*: epoch \d+ is kept in it, make room/);
    expect(full.stderr.match(/\n/g)).toHaveLength(1);
    expect(readFileSync(checkpoint).equals(kept)).toBe(true);

    const refused = async (says: RegExp, ...more: readonly string[]): Promise<void> => {
      const outcome = await resedge([...long, ...more]);
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toMatch(says);
      expect(readFileSync(checkpoint).equals(kept)).toBe(true);
    };
    await refused(
      /found one of another: architecture resnet20, here resnet32; .* --no-resume\n$/,
      '--arch',
      'resnet32',
    );
    const cut = join(folder, 'cut.checkpoint');
    writeFileSync(cut, kept.subarray(0, 3000));
    await refused(/cut.checkpoint: expected a whole checkpoint, this one is cut short/, '--checkpoint', cut);
    const other = join(folder, 'other');
    copyFileSync(weights, other);
    await refused(
      /other: expected a checkpoint of resedge train, found another file/,
      '--checkpoint',
      other,
      '--no-resume',
    );
  });

  test('stops where the loss is no longer a number, and names a lower rate', async () => {
    const folder = folderWith();
    const outcome = await resedge(
      command(join(folder, 'w.safetensors'), '--lr', '60', '--schedule', 'constant', '--json'),
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /^resedge: the loss is no longer a number in epoch \d, step \d, at a learning rate of 60: (no epoch was kept; try --lr 20|epoch \d is kept in .*; --resume --lr 20 goes on from there)\n$/,
    );
    expect(contents(folder).filter((name) => name.includes('.safetensors'))).toEqual([]);
  });

  test('names and counts unreadable pictures before it begins, goes on without them, and exits with 1', async () => {
    const folder = folderWith({ 'data/one/bad.jpg': 'no picture', 'data/two/empty.png': '' });
    for (const [name, from] of [
      ['one', 'red'],
      ['two', 'blue'],
    ] as const) {
      for (const i of [0, 1, 2]) copyFileSync(join(data, from, `${i}.png`), join(folder, 'data', name, `${i}.png`));
    }
    const args = ['--data', join(folder, 'data'), '--epochs', '1', '--validate', '0.3'];
    const { code, stdout, stderr } = await resedge([...command(join(folder, 'w.safetensors')), ...args]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resedge: skipped 1 of 8 pictures: .*\nresedge: skipped 2 of 8 pictures: .*\n$/);
    expect(stdout).toMatch(/next +resedge convert /);
    expect(stdout).toMatch(/validation +top-1 /);
  });

  test.each([
    ['one class', { 'd/cat/1.jpg': '' }, 1, /two classes to tell apart, found one: cat/],
    ['no folder', {}, 1, /d: expected a folder of class folders/],
  ] as const)('refuses %s in one line and leaves nothing', async (_, files, code, says) => {
    await refuse(['train', '--data', 'd', '-o', 'new/w.safetensors'], { code, says, folder: folderWith(files) });
  });

  test('refuses a network that it does not know', async () => {
    await refuse(['train', '--data', 'd', '-o', 'w', '--arch', 'resnet21'], {
      code: 2,
      says: /unknown architecture resnet21: expected one of resnet18, /,
    });
  });

  test('refuses a name that says it is a model', async () => {
    await refuse(['train', '--data', 'd', '-o', 'w.onnx'], {
      code: 2,
      says: /received w\.onnx: train to w\.safetensors, then resedge convert it/,
    });
  });
});
