import { setTimeout as sleep } from 'node:timers/promises';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { frameShape } from '../../image/frame.ts';
import { drawTestScene, testSceneShape } from '../../pipeline/test-scene.ts';
import { listPictures } from '../image/list.ts';
import { readWhole } from '../image/read-whole.ts';
import type { FrameStore } from './frame-store.ts';
import type { CaptureEvent } from './protocol.ts';
import type { Size } from './recipes.ts';

/** Calls `step` at `fps`, until it returns false or the signal comes. A step that takes too long puts the later ones off. */
async function everyFrame(fps: number, stopping: AbortSignal, step: (i: number) => Promise<boolean>): Promise<void> {
  let due = performance.now();
  for (let i = 0; !stopping.aborted; i++) {
    if (!(await step(i))) return;
    due = Math.max(due + 1000 / fps, performance.now());
    await sleep(due - performance.now(), undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** The scene that needs no camera, without end. */
export async function captureTest(size: Size, fps: number, store: FrameStore, stopping: AbortSignal): Promise<void> {
  const shape = testSceneShape(size.width, size.height);
  await everyFrame(fps, stopping, async (i) => {
    drawTestScene(store.room(shape), shape, i);
    store.done(shape);
    return true;
  });
}

/** The pictures of a folder, each once and within `size`; one that cannot be read is told of and left out. */
export async function captureFolder(
  path: string,
  size: Size,
  fps: number,
  store: FrameStore,
  post: (event: CaptureEvent) => void,
  stopping: AbortSignal,
): Promise<void> {
  const pictures = await listPictures([path]);
  if (pictures.length === 0) throw new ResedgeError('input', `${path}: expected pictures, found none`);
  await everyFrame(fps, stopping, async (i) => {
    try {
      const { width, height, data } = await readWhole(pictures[i]!, size);
      const shape = frameShape('rgb24', width, height);
      store.room(shape).set(data);
      store.done(shape);
    } catch (error) {
      if (!isResedgeError(error)) throw error;
      post({ kind: 'skipped', message: error.message });
    }
    return i + 1 < pictures.length;
  });
  if (store.count() === 0 && !stopping.aborted)
    throw new ResedgeError('input', `${path}: expected pictures, none of ${pictures.length} can be read`);
}
