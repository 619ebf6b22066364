import { expect, test } from 'vitest';
import { ResedgeError } from '../../../../src/errors.ts';
import { record } from '../../../../src/node/learn/record.ts';
import type { Frame, FrameSource } from '../../../../src/pipeline/types.ts';
import { raw } from '../../converter/conversions.ts';

const SIDE = 8;
const WISH = { name: 'camera', count: 3, everyMs: 0, index: 2 };

/** A source of frames of one grey each, that writes every frame into the same memory, as sources may; then `end`. */
function source(greys: readonly number[], end: () => Frame | undefined = () => undefined): FrameSource {
  const data = new Uint8Array(SIDE * SIDE * 3);
  let index = 0;
  const next = (): Promise<Frame | undefined> => {
    const grey = greys[index];
    if (grey === undefined) return Promise.resolve().then(end);
    data.fill(grey);
    return Promise.resolve({
      ...{ format: 'rgb24', width: SIDE, height: SIDE, stride: SIDE * 3, data },
      ...{ index: index++, arrivedMs: performance.now() },
    } satisfies Frame);
  };
  const counts = () => ({ captured: index, dropped: 0, reconnects: 0 });
  return { next, hasNewer: () => false, counts, close: () => Promise.resolve() };
}

const recorded = (from: FrameSource, signal?: AbortSignal) => record(from, WISH, raw(SIDE), () => undefined, signal);

test('frames become examples of their own, though a source uses its memory again', async () => {
  const { examples, shortfall } = await recorded(source([10, 20, 30, 40]));
  expect(shortfall).toBeUndefined();
  expect(examples.map(({ name, index }) => [name, index])).toEqual([0, 1, 2].map((i) => [`camera frame ${i}`, 2]));
  const opened = examples.map((example) => example.open());
  const greys = await Promise.all(opened.map(async ({ pixels }) => (await pixels()).data[0]));
  expect(greys).toEqual([10, 20, 30]);
  expect(new Set(opened.map(({ hash }) => hash)).size).toBe(3);
});

test('a source that ends leaves what it showed', async () => {
  const { examples, shortfall } = await recorded(source([10, 20]));
  expect(examples).toHaveLength(2);
  expect(shortfall).toBe('camera: expected 3 pictures, it ended after 2; those are learnt');
});

test('a source that fails leaves what it showed, and one that never works throws', async () => {
  const broken = (): never => {
    throw new ResedgeError('io', 'unplugged');
  };
  const { shortfall } = await recorded(source([10, 20], broken));
  expect(shortfall).toBe('camera: expected 3 pictures, it failed (unplugged) after 2; those are learnt');
  await expect(recorded(source([], broken))).rejects.toThrow('unplugged');
});

test('a wish to stop ends a recording', async () => {
  const stop = new AbortController();
  stop.abort();
  expect((await recorded(source([10, 20, 30]), stop.signal)).examples).toEqual([]);
});
