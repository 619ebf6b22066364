import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MAIN,
  type Outcome,
  PICTURES,
  ROOT,
  refuse,
  resedge,
  runProgram,
  succeed,
  TABLE,
  WEIGHTS,
} from '../node/resedge.ts';

const number = expect.any(Number);
const text = expect.any(String);
const folder = mkdtempSync(join(tmpdir(), 'resedge-camera-'));
const model = join(folder, 'model.onnx');

beforeAll(() => succeed(['convert', WEIGHTS, '-o', model, '--calibrate', TABLE]));
afterAll(() => rmSync(folder, { recursive: true }));

const SUMMARY =
  /^resedge: \d+ frames in [\d.]+ s \([\d.]+\/s\); (\d+) answered \([\d.]+\/s\), \d+ dropped; frame to answer p50 [\d.]+, p95 [\d.]+, p99 [\d.]+ ms; on cpu(, \d+ °C)?\n$/;

const lines = ({ stdout }: Outcome): readonly { readonly frame: number; readonly dropped: number }[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Runs `camera` with bytes on stdin. */
function feed(bytes: Uint8Array, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'camera', ...args, '--model', model]);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (part: string) => {
        said[name] += part;
      });
    }
    child.on('close', (code) => resolve({ code, ...said }));
    child.stdin.on('error', () => undefined).end(bytes);
  });
}

describe('the test scene', () => {
  test('--json, a line for each answer, and a summary on stderr', async () => {
    const outcome = await resedge(['camera', 'test', '--model', model, '--frames', '4', '--json', '--top', '2']);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(SUMMARY) });
    const answers = lines(outcome);
    expect(answers).toHaveLength(4);
    for (const answer of answers) {
      const guess = { label: text, index: number, probability: number };
      const ms = { prepare: number, infer: number, total: number };
      expect(answer).toEqual({
        frame: number,
        at: number,
        label: text,
        probability: number,
        top: [guess, guess],
        ms,
        dropped: number,
      });
    }
    expect(answers.every(({ frame }, i) => i === 0 || frame > answers[i - 1]!.frame)).toBe(true);
  });

  test('for people, a line where the label changes', async () => {
    const options = [
      '--fps',
      '60',
      '--frames',
      '5',
      '--size',
      '101x77',
      '--roi',
      '0.1,0.1,0.5,0.5',
      '--threshold',
      '0',
    ];
    const { code, stdout } = await resedge(['camera', 'test', '--model', model, ...options]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^( +\d+\.\d s {2}.+ {2}[01]\.\d\d\n)+$/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends with exit code 0 and its summary at %s', async (signal) => {
    const child = spawn(process.execPath, [MAIN, 'camera', 'test', '--model', model, '--json']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    child.stdout.once('data', () => child.kill(signal));
    child.stdout.resume();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(stderr).toMatch(SUMMARY);
  });
});

describe('raw frames on stdin', () => {
  const raw = ['-', '--size', '33x21', '--format', 'yuv420p', '--json'];
  const bytes = 33 * 21 + 2 * 17 * 11;

  test('are answered up to the last one', async () => {
    const outcome = await feed(new Uint8Array(3 * bytes).fill(128), raw);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(SUMMARY) });
    expect(lines(outcome).at(-1)).toMatchObject({ frame: 2 });
  });

  test.each([['that end within a frame', 2 * bytes + 5, /5 bytes into frame 2/]])(
    '%s: one line says what size was expected',
    async (_, length, says) => {
      const { code, stderr } = await feed(new Uint8Array(length), raw);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^resedge: stdin: expected yuv420p frames of 33x21 \(1067 bytes each\), .*: check --size and --format\n$/,
      );
      expect(stderr).toMatch(says);
    },
  );

  test('from nowhere', async () => {
    const args = ['camera', '-', '--size', '4x4', '--format', 'rgb24', '--model', model];
    await refuse(args, { code: 1, says: /nothing came/ }, (command, where) =>
      runProgram('/bin/sh', ['-c', 'exec "$@" < /dev/null', 'sh', process.execPath, MAIN, ...command], where),
    );
  });

  test('from a file', async () => {
    writeFileSync(join(folder, 'frames'), new Uint8Array(4 * 4 * 4 * 2));
    const command = `'${process.execPath}' '${MAIN}' camera - --size 4x4 --format bgrx --json --model '${model}' < frames`;
    const outcome = await runProgram('/bin/sh', ['-c', command], { cwd: folder });
    expect(outcome.code).toBe(0);
    expect(lines(outcome).at(-1)).toMatchObject({ frame: 1 });
  });
});

test('a folder of pictures is looked at from the first to the last', async () => {
  const outcome = await resedge(['camera', PICTURES, '--model', model, '--fps', '20', '--json']);
  expect(outcome.code).toBe(0);
  expect(lines(outcome).at(-1)).toMatchObject({ frame: 9 });
});

describe('what cannot be opened is said in one line', () => {
  test.each([
    ['no camera', ['/dev/video77'], 1, /\/dev\/video77: expected a camera, .*: plug it in, or name another source/],
    ['no size on stdin', ['-'], 2, /--size 640x480 --format rgb24/],
    ['a wrong size', ['test', '--size', '640'], 2, /Expected a width and a height up to 16384/],
    [
      'a region outside',
      ['test', '--roi', '600,0,100,100'],
      2,
      /inside the frame of 640 x 480, received 600,0,100,100/,
    ],
    [
      'no program',
      ['rtsp://admin:hunter22@host/1'],
      1,
      /rtsp:\/\/\*\*\*@host\/1: expected ffmpeg or gst-launch-1.0, not installed: sudo apt install/,
    ],
  ] as const)('%s', async (_, args, code, says) => {
    await refuse(['camera', ...args, '--model', model], { code, says }, (command, where) =>
      resedge(command, { ...where, env: { ...where.env, PATH: folder } }),
    );
  });
});

test('the example of docs/camera.md runs', async () => {
  const [, code] =
    /```js\n(import \{ classifyStream[\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/camera.md'), 'utf8')) ?? [];
  expect(code?.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
  const project = mkdtempSync(join(folder, 'project-'));
  const modules = join(project, 'node_modules');
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  symlinkSync(model, join(project, 'model.onnx'));
  writeFileSync(join(project, 'example.mjs'), code!);
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'resedge'));
  const { code: exit, stdout, stderr } = await runProgram(process.execPath, ['example.mjs'], { cwd: project });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout).toMatch(/^(.+ [01]\.\d\d \d+\.\d ms, \d+ dropped\n)+$/);
});
