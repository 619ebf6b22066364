import { setTimeout as sleep } from 'node:timers/promises';
import { noFrames } from './explain.ts';
import type { FrameStore } from './frame-store.ts';
import type { CaptureEvent, CommandPlan } from './protocol.ts';
import { runCommand } from './run-command.ts';

/** Waits before a source is opened again: doubled after every try without a frame, up to the longest. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;

/**
 * Runs a program for its frames, again and again for a source that should not end. Resolves when it ends for good; throws `io` for a
 * source that never gave a frame.
 */
export async function captureCommand(
  name: string,
  plan: CommandPlan,
  store: FrameStore,
  post: (event: CaptureEvent) => void,
  stopping: AbortSignal,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const before = store.count();
    const running = runCommand(plan, tries > 0 ? telling(store, () => post({ kind: 'back' })) : store);
    post({ kind: 'child', pid: running.pid });
    stopping.addEventListener('abort', running.stop, { once: true });
    const { well, why } = await running.ended;
    stopping.removeEventListener('abort', running.stop);
    post({ kind: 'child', pid: undefined });
    if (stopping.aborted) return;
    if (store.count() === 0) throw noFrames(name, why);
    if (plan.reopen === 'never' && !well) throw noFrames(name, `${why}, after ${store.count()} frames`);
    if (plan.reopen === 'never' || (plan.reopen === 'failed' && well)) return;
    if (store.count() > before) tries = 0;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
    post({ kind: 'lost', message: `${name}: lost, ${why}; trying again in ${wait / 1000} s` });
    await sleep(wait, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
  }
}

/** The same store, that tells of the next frame. */
function telling(store: FrameStore, tell: () => void): FrameStore {
  let told = false;
  const done: FrameStore['done'] = (shape) => {
    if (!told) tell();
    told = true;
    store.done(shape);
  };
  return { ...store, done };
}
