import { startProcess } from '../backend/start-process.ts';
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
      readonly kind: 'fault';
      /** The provider is not present here. */
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
  const child = startProcess(new URL('./measure-child.js', import.meta.url), request, {
    stderr: 'ignore',
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
