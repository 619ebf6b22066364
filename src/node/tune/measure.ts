import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Way } from './way.ts';

/** What a measuring process is started with. */
export type MeasureRequest = {
  readonly way: Way;
  /** Milliseconds to measure for, after the warm-up. */
  readonly forMs: number;
};

/** What it says. */
export type Measured =
  | {
      readonly kind: 'times';
      /** Milliseconds of every inference. */
      readonly ms: readonly number[];
      /** Taken meanwhile, where the board tells. */
      readonly joules?: number;
    }
  | {
      readonly kind: 'fault' /** The provider is not present here. */;
      readonly absent: boolean;
      readonly reason: string;
    };

/** A model that needs longer to open and for its first runs is not waited for, in milliseconds. */
const OPENING_LIMIT = 10 * 60_000;

/**
 * Times one way to run a model, in a process of its own, so that no earlier one's threads, memory or crash disturbs it. `signal` ends it
 * before its time, with a fault.
 */
export function measure(request: MeasureRequest, signal?: AbortSignal): Promise<Measured> {
  const source = import.meta.url.endsWith('.ts');
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const args = [...(source ? [file('./measure-child.ts')] : []), JSON.stringify(request)];
  const child = fork(file(source ? '../backend/run-source.mjs' : './measure-child.js'), args, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: process.env['ORT_DISABLE_TELEMETRY'] ?? '1' },
    execArgv: [],
    timeout: request.forMs + OPENING_LIMIT,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  });
  let said: Measured | undefined;
  child.on('message', (message) => {
    said = message as Measured;
  });
  return new Promise((resolve) => {
    const fault = (reason: string): Measured => ({ kind: 'fault', absent: false, reason });
    child.on('error', (error) => resolve(fault(`its process failed: ${error.message}`)));
    child.on('exit', (code, end) => resolve(said ?? fault(`its process ended with ${end ?? `exit code ${code}`}`)));
  });
}
