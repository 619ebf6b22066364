import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLines } from '../../../../src/node/sinks/lines.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';
import { folderWith } from '../folder.ts';
import { event, quick } from './events.ts';

test('appends a line for each event to what is there', async () => {
  const path = join(folderWith({ 'events.jsonl': '"before"\n' }), 'events.jsonl');
  for (const frames of [[1, 2], [3]]) {
    const queue = queued(await openLines(path), quick());
    for (const frame of frames) queue.push(event(frame, 'line\nbreak'));
    expect(await queue.close(5000)).toMatchObject({ delivered: frames.length });
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(['before', ...[1, 2, 3].map((i) => event(i, 'line\nbreak'))]);
});

test.each([
  ['a folder', '.', /expected a file to append events to, it is a folder/],
  ['in no folder', 'gone/events.jsonl', /expected a file to append events to, no such file or folder/],
  ['a device', '/dev/null', /expected a file to append events to, it is no regular file/],
])('%s is refused', async (_, path, says) => {
  const folder = folderWith();
  await expect(openLines(path.startsWith('/') ? path : join(folder, path))).rejects.toThrow(says);
});

describe('standard output', () => {
  /** Runs the printing process and leaves its output alone for a while. */
  async function printing(read: (stdout: Readable) => Promise<string>) {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'print-events.ts')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [stdout, stderr] = await Promise.all([read(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, notes: stderr.trimEnd().split('\n') };
  }

  test('a reader that does not read stalls nobody: the oldest events are dropped, lines stay whole', async () => {
    const { stdout, notes } = await printing(async (output) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return await text(output);
    });
    const counts = JSON.parse(notes.at(-1) ?? '');
    const frames = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).frame);
    expect(counts).toMatchObject({ delivered: frames.length, dropped: 5000 - frames.length, refused: 0 });
    // A thread that waits for its reader would push no more than it writes.
    expect(counts.dropped).toBeGreaterThan(0);
    expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
    expect(frames.slice(-500)).toEqual(Array.from({ length: 500 }, (_, i) => 4500 + i));
  });

  test('a reader that goes away is told of', async () => {
    const { notes } = await printing(async (output) => {
      output.destroy();
      return '';
    });
    expect(notes.slice(0, 2)).toEqual([
      expect.stringMatching(/^gone: .*EPIPE/),
      'standard output: nobody reads it any more; the event is left out',
    ]);
    const { delivered, dropped, refused } = JSON.parse(notes.at(-1) ?? '');
    expect([delivered, dropped + refused]).toEqual([0, 5000]);
  });
});
