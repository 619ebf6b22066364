import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundledModels } from './models.ts';
import { CLASSES, MAIN, type Outcome, PICTURES } from './resedge.ts';

const models = bundledModels();
const COPIES = 1000;
const LATEST_MS = 10_000;

/** Runs the command and sends it the signal once it has printed something, or, where it prints at its end alone, after a while. */
function stopped(args: readonly string[], signal: NodeJS.Signals, afterMs?: number): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  const send = (): void => void child.kill(signal);
  if (afterMs !== undefined) setTimeout(send, afterMs);
  else child.stdout.once('data', send);
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/** The same for a command that prints at its end alone: a signal that comes before it has begun is sent later the next time. */
async function stoppedAtWork(args: readonly string[]): Promise<Outcome> {
  for (let afterMs = 1500; ; afterMs *= 2) {
    const outcome = await stopped(args, 'SIGTERM', afterMs);
    if (outcome.stdout !== '' || afterMs > LATEST_MS) return outcome;
  }
}

/** Class folders of many names for few files. */
const folder = mkdtempSync(join(tmpdir(), 'resedge-stop-'));
beforeAll(() => {
  for (const name of CLASSES) {
    mkdirSync(join(folder, name));
    for (let i = 0; i < COPIES; i++) symlinkSync(join(PICTURES, `${name}.svg`), join(folder, name, `${i}.svg`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a command that is told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'classify, by %s: finishes its picture, says how far it came, and is done',
    async (signal) => {
      const { code, stdout, stderr } = await stopped(['classify', folder, '--model', models.int8, '--json'], signal);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line)).every(({ top }) => top.length > 0)).toBe(true);
      expect(stderr).toBe(`resedge: stopped after ${lines.length} of ${CLASSES.length * COPIES} pictures\n`);
      expect(code).toBe(0);
    },
  );

  test('evaluate: prints what was done until then', async () => {
    const { code, stdout, stderr } = await stoppedAtWork(['evaluate', folder, '--model', models.int8, '--json']);
    const { images } = JSON.parse(stdout);
    expect(images).toBeLessThan(CLASSES.length * COPIES);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `resedge: stopped after ${images} of ${CLASSES.length * COPIES} pictures\n`,
    });
  });

  test('bench: times the runs until then', async () => {
    const { code, stdout, stderr } = await stoppedAtWork([
      ...['bench', '--model', models.int8, '--runs', '1000000', '--json'],
    ]);
    const { runs } = JSON.parse(stdout);
    expect(runs).toBeGreaterThan(0);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `resedge: stopped after ${runs} of 1000000 runs\n` });
  });
});
