import { spawn } from 'node:child_process';
import { splitRaw, splitY4m } from '../../pipeline/split-frames.ts';
import { oneLine } from '../../runtime/explain.ts';
import { explainCapture } from './explain.ts';
import type { FrameStore } from './frame-store.ts';
import type { CommandPlan } from './protocol.ts';

/** How a program's frames ended. */
export type Ending = { readonly well: boolean; readonly why: string };

/** Last characters of a program's messages that are kept. */
const MAX_MESSAGES = 4000;

/** A program that does not end when asked to is killed after this time. */
const GRACE_MS = 200;

const LOOK_MS = 100;

/** A program under way. */
export type Running = { readonly pid: number | undefined; readonly ended: Promise<Ending>; readonly stop: () => void };

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches it through this one, and puts its frames into the store. Its pipe
 * is read as fast as it fills. Standing still for too long ends it.
 */
export function runCommand(plan: CommandPlan, store: FrameStore): Running {
  const { program, path, args, output, address } = plan;
  const splitter = output.kind === 'y4m' ? splitY4m(store) : splitRaw(output.shape, store);
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let messages = '';
  let last = performance.now();
  let limit = plan.opening;
  let given: string | undefined;
  let killing: NodeJS.Timeout | undefined;

  const stop = (): void => {
    child.kill('SIGTERM');
    killing ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  const giveUp = (why: string): void => {
    given ??= why;
    stop();
  };
  const looking = setInterval(() => {
    if (performance.now() - last > limit) giveUp(`it sent nothing for ${(limit / 1000).toFixed(0)} s`);
  }, LOOK_MS);
  child.stdout.on('data', (chunk: Buffer) => {
    last = performance.now();
    limit = plan.stall;
    if (given !== undefined) return;
    try {
      splitter.push(chunk);
    } catch (error) {
      giveUp(oneLine(error));
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(-MAX_MESSAGES);
  });
  const ended = new Promise<Ending>((resolve) => {
    const end = (well: boolean, how: string): void => {
      clearInterval(looking);
      clearTimeout(killing);
      resolve({ well: well && given === undefined, why: given ?? explainCapture(program, messages, how, address) });
    };
    child.on('error', (error) => end(false, `did not start (${oneLine(error)})`));
    child.on('close', (code, signal) => end(code === 0, signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
  return { pid: child.pid, ended, stop };
}
