import { availableParallelism } from 'node:os';
import type { PlannedSession } from '../../device/plan.ts';

/** A folder of fewer pictures is nearly done before another session has opened. */
const MANY_PICTURES = 64;

/** What a session may take of the memory budget, in sizes of its model's file: twice what its weights, packed anew, and buffers come to. */
const SESSION_FACTOR = 8;

const MB = 2 ** 20;

export type Work = {
  /** 0: the backend's choice. */
  readonly threads: number;
  readonly pictures: number;
  /** Size of the model's file. */
  readonly bytes: number;
};

/**
 * Sessions, of one thread each, that answer so many pictures soonest: one for every thread and as many as the memory budget holds, since
 * threads that share an inference wait for each other at the end of every layer. 1 where all threads had better work on one picture.
 */
export function sessionsFor(
  { provider, backend, memoryBudgetMb }: Pick<PlannedSession, 'provider' | 'backend' | 'memoryBudgetMb'>,
  { threads, pictures, bytes }: Work,
): number {
  if (provider !== 'cpu' || backend !== 'onnxruntime-node' || pictures < MANY_PICTURES) return 1;
  const held = Math.floor((memoryBudgetMb * MB) / (bytes * SESSION_FACTOR));
  return Math.max(1, Math.min(threads > 0 ? threads : availableParallelism(), held));
}
