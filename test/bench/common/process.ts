import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What one process cost from its start to its end. */
export type Measured = {
  readonly stdout: string;
  readonly seconds: number;
  /**
   * Largest resident set in bytes, its own or of a process that it started, mapped files included; 0 where the system does not tell (it
   * is read from Linux's /proc).
   */
  readonly peakRss: number;
};

/** The mark only rises, so a late look misses no more than the growth since the last one. */
const LOOK_MS = 10;

/** Runs a program and measures it. Rejects with its standard error unless it ends with 0. */
export function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let peakRss = 0;
    let stdout = '';
    let stderr = '';
    const look = (): void => {
      peakRss = Math.max(peakRss, highWaterMark(child.pid));
    };
    const looking = setInterval(look, LOOK_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(looking);
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ stdout, seconds, peakRss });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}: ${stderr.trim()}`));
    });
  });
}

/** A running program's largest resident set so far. Its end comes between two looks: then there is nothing to read. */
export function highWaterMark(pid: number | undefined): number {
  try {
    return Math.max(memoryOf(pid, 'VmHWM'), ...childrenOf(pid).map(highWaterMark));
  } catch {
    return 0;
  }
}

/** A running program's resident set in bytes. */
export function residentSet(pid: number | undefined): number {
  return memoryOf(pid, 'VmRSS');
}

/** Processes that a running program's threads have started. */
export function childrenOf(pid: number | undefined): readonly number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => {
    return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  });
}

function memoryOf(pid: number | undefined, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
}
