import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPicture } from '../../../../src/node/image/read-picture.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';
import { openSnapshots, snapshotName } from '../../../../src/node/sinks/snapshots.ts';
import { folderWith } from '../folder.ts';
import { event, quick, until } from './events.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 5, 5);
const size = 32;
const picture = { width: size, height: size, data: new Uint8Array(size * size * 3).fill(200) };
const geometry = { inputSize: size, resize: size, crop: 'center', interpolation: 'bilinear' } as const;

async function open(folder: string, { keep = 100, keepMs = Number.POSITIVE_INFINITY } = {}) {
  return queued(await openSnapshots({ folder, keep, keepMs, now: () => NOW }), quick());
}

test('writes the frame of each event, named for it', async () => {
  const folder = join(folderWith(), 'new/folder');
  const queue = await open(folder);
  queue.push({ event: event(3, '../tench, "Tinca"/猫'), picture });
  expect(await queue.close(5000)).toMatchObject({ delivered: 1 });
  expect(readdirSync(folder)).toEqual(['2026-01-02T03-04-08.000Z-3-entered--tench-Tinca-猫.jpg']);
  const [name = ''] = readdirSync(folder);
  expect(readFileSync(join(folder, name)).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  const { data } = await readPicture(join(folder, name), geometry);
  expect(data.every((value) => Math.abs(value - 200) < 3)).toBe(true);
});

test('keeps the newest, and leaves alone what it did not write', async () => {
  const folder = folderWith({ 'holiday.jpg': '', '2025-01-01.jpg': '' });
  const queue = await open(folder, { keep: 2 });
  for (const i of [1, 2, 3, 4]) queue.push({ event: event(i), picture });
  await queue.close(5000);
  expect(readdirSync(folder).sort()).toEqual([
    '2025-01-01.jpg',
    snapshotName(event(3)),
    snapshotName(event(4)),
    'holiday.jpg',
  ]);
});

test('removes those too old, from an earlier run too', async () => {
  const old = snapshotName(event(4));
  const young = snapshotName(event(40));
  const folder = folderWith({ [old]: '', [young]: '' });
  const queue = await open(folder, { keepMs: 30_000 });
  expect(readdirSync(folder)).toEqual([young]);
  queue.push({ event: event(29), picture });
  queue.push({ event: event(31), picture });
  await queue.close(5000);
  expect(readdirSync(folder).sort()).toEqual([snapshotName(event(31)), young]);
});

test('a folder that is gone for a while: it tries again, and leaves nothing half-written', async () => {
  const folder = join(folderWith(), 'snapshots');
  const queue = await open(folder);
  rmSync(folder, { recursive: true });
  queue.push({ event: event(1), picture });
  await until(() => queue.counts().retried > 1);
  mkdirSync(folder);
  expect(await queue.close(5000)).toMatchObject({ delivered: 1 });
  expect(readdirSync(folder)).toEqual([snapshotName(event(1))]);
});

test('a file in the way is refused', async () => {
  const path = join(folderWith(), 'file');
  writeFileSync(path, '');
  await expect(open(path)).rejects.toThrow(/file: expected a folder for snapshots, it exists already/);
  await expect(open(join(path, 'below'))).rejects.toThrow(
    /expected a folder for snapshots, a part of the path is not a folder/,
  );
});
