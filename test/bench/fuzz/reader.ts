import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentSet } from '../common/process.ts';
import type { Job, Outcome } from './outcome.ts';

/** Bytes that JavaScript may hold, and at which the process is stopped. */
const HEAP_MB = 512;
const MOST_RSS = 3e9;
const LOOK_MS = 100;

/** A process that reads models one after another. */
export type Reader = {
  /** What became of a model; a process that dies, hangs or eats memory is a finding, and the end of the reader. */
  readonly read: (job: Job, patience: number) => Promise<Outcome>;
  readonly end: () => void;
};

export function startReader(): Reader {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const child = fork(new URL('./child.ts', import.meta.url), [folder], {
    execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // It may end between two models: then there is no answer.
  child.on('error', () => undefined);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  return {
    read: (job, patience) => answerOf(child, job, patience, () => said),
    end: () => child.kill('SIGKILL'),
  };
}

function answerOf(child: ChildProcess, job: Job, patience: number, said: () => string): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = performance.now();
    const passed = (): number => performance.now() - started;
    const settle = (outcome: Outcome): void => {
      clearInterval(looking);
      child.off('message', settle).off('exit', died);
      resolve(outcome);
    };
    const failed = (message: string, peakRss = 0): void => {
      settle({ kind: 'finding', message, cpuMs: passed(), peakRss });
      child.kill('SIGKILL');
    };
    const died = (code: number | null, signal: string | null): void => {
      failed(`the process ended with ${code ?? signal}: ${said().trim().split('\n').slice(-6).join(' | ')}`);
    };
    const looking = setInterval(() => {
      if (passed() > patience) failed(`no answer within ${Math.round(patience / 1000)} s`);
      else if (rssOf(child) > MOST_RSS) failed(`stopped at ${MOST_RSS} bytes of memory`, MOST_RSS);
    }, LOOK_MS);
    child.on('message', settle).on('exit', died);
    child.send(job);
  });
}

function rssOf({ pid }: ChildProcess): number {
  try {
    return residentSet(pid);
  } catch {
    return 0;
  }
}
