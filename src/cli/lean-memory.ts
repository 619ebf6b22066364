import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';

/** Smaller weights fit any machine that converts. */
const LARGE_WEIGHTS = 128 * 2 ** 20;
/** Allocations of this many bytes are mapped, and given back to the system when freed. */
const MAPPED_FROM = '131072';
const SETTING = 'MALLOC_MMAP_THRESHOLD_';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * glibc raises that threshold with every large block that is freed, and then keeps tensors' memory: a ResNet-152 took 4.5 times its
 * weights, with the threshold fixed 3.6 times. Only a process's start can fix it. For large weights on Linux the same command is run
 * again so; its exit code comes back, undefined where nothing was run.
 */
export async function runLean(weights: string): Promise<number | undefined> {
  if (process.platform !== 'linux' || process.env[SETTING] !== undefined) return undefined;
  const size = statSync(weights, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LARGE_WEIGHTS) return undefined;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [SETTING]: MAPPED_FROM },
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, forward);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
