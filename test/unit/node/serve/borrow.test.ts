import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { borrow } from '../../../../src/node/serve/borrow.ts';
import type { Frame, FrameSource } from '../../../../src/pipeline/types.ts';

const frame: Frame = {
  format: 'rgb24',
  width: 1,
  height: 1,
  stride: 3,
  data: new Uint8Array(3),
  index: 0,
  arrivedMs: 0,
};

/** A source of one frame, which then gives none, and says whether it was closed. */
function oneFrame(): FrameSource & { readonly closed: () => boolean } {
  let left = 1;
  let closed = false;
  return {
    next: () => (left-- > 0 ? Promise.resolve(frame) : new Promise(() => undefined)),
    hasNewer: () => false,
    counts: () => ({ captured: 1, dropped: 0, reconnects: 0 }),
    close: async () => {
      closed = true;
    },
    closed: () => closed,
  };
}

test('a borrowed source ends with the signal, also where no frame comes, and the one behind it stays open', async () => {
  const source = oneFrame();
  const controller = new AbortController();
  const { frames } = borrow(source, controller.signal);
  expect(await frames.next()).toBe(frame);
  const waiting = frames.next();
  controller.abort();
  expect(await waiting).toBeUndefined();
  expect(await frames.next()).toBeUndefined();
  await frames.close();
  expect(source.closed()).toBe(false);
});

test('or when it is closed', async () => {
  const source = oneFrame();
  const { frames } = borrow(source, new AbortController().signal);
  await frames.next();
  const waiting = frames.next();
  await frames.close();
  expect(await waiting).toBeUndefined();
  expect(source.closed()).toBe(false);
});

test('a frame that was handed out is kept no longer than until the next one', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const { frames } = borrow({ ...oneFrame(), next: async () => ({ ...frame }) }, new AbortController().signal);
  const taken = async (): Promise<WeakRef<Frame>> => new WeakRef((await frames.next())!);
  const first = await taken();
  await taken();
  await turn();
  collectGarbage();
  expect(first.deref()).toBeUndefined();
});
