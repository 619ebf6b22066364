import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCommand } from '../../../../src/node/sinks/command.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';
import type { CameraEvent } from '../../../../src/pipeline/answers/events.ts';
import { folderWith } from '../folder.ts';
import { event, quick, until } from './events.ts';

/** Runs a script of Node for each event, in a folder of its own. */
function run(script: string, limitMs = 20_000, ...args: readonly string[]) {
  const folder = folderWith({ 'script.cjs': `const fs = require('node:fs');\nprocess.chdir(__dirname);\n${script}` });
  const options = quick();
  const command = [process.execPath, join(folder, 'script.cjs'), ...args] as const;
  const queue = queued(openCommand({ command, limitMs }), options);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { queue, notes: options.notes, read };
}

/** The same of a shell's. */
function shell(script: string, limitMs = 20_000) {
  const folder = folderWith();
  const options = quick();
  const command = ['/bin/sh', '-c', `cd '${folder}'\n${script}`] as const;
  const queue = queued(openCommand({ command, limitMs }), options);
  const size = (): number => statSync(join(folder, 'beat'), { throwIfNoEntry: false })?.size ?? 0;
  return { queue, notes: options.notes, size };
}

test('the event is on standard input and in variables, the arguments as they are', async () => {
  const script = `const { RESEDGE_KIND, RESEDGE_LABEL, RESEDGE_PROBABILITY, RESEDGE_DIRECTION, RESEDGE_FRAME, RESEDGE_TIME } = process.env;
    const variables = [RESEDGE_KIND, RESEDGE_LABEL, RESEDGE_PROBABILITY, RESEDGE_DIRECTION, RESEDGE_FRAME, RESEDGE_TIME];
    fs.writeFileSync('out.json', JSON.stringify({ input: fs.readFileSync(0, 'utf8'), variables, args: process.argv.slice(2) }));`;
  const { queue, read } = run(script, 20_000, '$HOME; echo "*"');
  const { time } = event(7);
  const label = 'tench, "Tinca\n$(tinca)"\0';
  const given: CameraEvent = {
    kind: 'crossed',
    direction: 'up',
    threshold: 0.8,
    time,
    label,
    probability: 0.9,
    frame: 7,
  };
  queue.push(given);
  expect(await queue.close(20_000)).toMatchObject({ delivered: 1, refused: 0 });
  const { input, variables, args } = JSON.parse(read('out.json'));
  expect(input).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(input)).toEqual(given);
  expect(variables).toEqual(['crossed', label.replace('\0', ''), '0.9', 'up', '7', time]);
  expect(args).toEqual(['$HOME; echo "*"']);
});

test('runs one after the other', async () => {
  const { queue, read } = run(
    `fs.appendFileSync('log', 'begin '); setTimeout(() => fs.appendFileSync('log', 'end '), 50);`,
  );
  for (const i of [1, 2, 3]) queue.push(event(i));
  await queue.close(20_000);
  expect(read('log')).toBe('begin end begin end begin end ');
});

test('exit code 75 asks for another try', async () => {
  const { queue } = run(
    `const again = !fs.existsSync('seen'); fs.writeFileSync('seen', ''); process.exitCode = again ? 75 : 0;`,
  );
  queue.push(event(1));
  expect(await queue.close(20_000)).toMatchObject({ delivered: 1, retried: 1 });
});

test('any other failure refuses the event, with the last line that the program said', async () => {
  const { queue, notes } = run(`console.error('first\\nno such bell'); process.exitCode = 3;`);
  queue.push(event(1));
  expect(await queue.close(20_000)).toMatchObject({ refused: 1, retried: 0 });
  expect(notes).toEqual([`${process.execPath}: ended with 3: no such bell; the event is left out`]);
});

test('a program that reads nothing, and leaves a child behind that holds its output', async () => {
  const { queue } = shell('sleep 5 &');
  queue.push(event(1, 'x'.repeat(100_000)));
  expect(await queue.close(4000)).toMatchObject({ delivered: 1 });
});

test('an event too large for a variable is refused', async () => {
  const { queue, notes } = shell('exit 0');
  queue.push(event(1, 'x'.repeat(200_000)));
  expect(await queue.close(5000)).toMatchObject({ refused: 1, retried: 0 });
  expect(notes).toEqual(['/bin/sh: could not be run, spawn E2BIG; the event is left out']);
});

describe('a program that goes on and on is ended with all its children', () => {
  const beating = '(while :; do echo x >> beat; sleep 0.02; done) & wait';

  test('at the limit', async () => {
    const { queue, notes, size } = shell(beating, 500);
    queue.push(event(1));
    await until(() => queue.counts().refused === 1);
    expect(notes).toEqual(['/bin/sh: ran longer than 500 ms; the event is left out']);
    await expectSilence(size);
  });

  test('when closing', async () => {
    const { queue, size } = shell(beating);
    queue.push(event(1));
    await until(() => size() > 0);
    expect(await queue.close(0)).toMatchObject({ delivered: 0, dropped: 1 });
    await expectSilence(size);
  });

  async function expectSilence(size: () => number): Promise<void> {
    const before = size();
    expect(before).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(size()).toBe(before);
  }
});

test('a program that is not there', async () => {
  const options = quick();
  const queue = queued(openCommand({ command: ['no-such-program'], limitMs: 1000 }), options);
  queue.push(event(1));
  expect(await queue.close(5000)).toMatchObject({ refused: 1 });
  expect(options.notes).toEqual(['no-such-program: could not be run, no such file or folder; the event is left out']);
});
