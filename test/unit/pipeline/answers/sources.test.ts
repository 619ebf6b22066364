import { expect, test } from 'vitest';
import { gateSource } from '../../../../src/pipeline/answers/gate-source.ts';
import { keepFrames } from '../../../../src/pipeline/answers/keep-frames.ts';
import type { FrameSource } from '../../../../src/pipeline/types.ts';
import { greyFrame, sourceOf } from './frames.ts';

const pictures = [10, 20, 30, 40, 50].map((level) => greyFrame('rgb24', 4, 2, () => level, 16));

async function indices(source: FrameSource): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let frame = await source.next(); frame !== undefined; frame = await source.next()) seen.push(frame.index);
  return seen;
}

test('a gate hands out the frames that are wanted', async () => {
  const source = gateSource(sourceOf(pictures), ({ index }) => index % 2 === 0);
  expect(source.hasNewer()).toBe(false);
  expect(await indices(source)).toEqual([0, 2, 4]);
  expect(source.counts().captured).toBe(5);
});

test('closing reaches the source', async () => {
  const source = sourceOf(pictures);
  await keepFrames(
    gateSource(source, () => true),
    2,
  ).source.close();
  expect(source.closed()).toBe(true);
});

test('the last frames handed out can be found again, whatever became of their memory', async () => {
  const { source, find } = keepFrames(sourceOf(pictures), 2);
  expect(find(0)).toBeUndefined();
  await source.next();
  await source.next();
  expect([find(0), find(1)]).toEqual([pictures[0], pictures[1]]);
  const memory = find(0)?.data;
  await source.next();
  expect([find(0), find(1), find(2)]).toEqual([undefined, pictures[1], pictures[2]]);
  expect(find(2)?.data).toBe(memory);
});
