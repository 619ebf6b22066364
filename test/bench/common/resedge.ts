import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './folders.ts';
import { type Measured, measure } from './process.ts';

/** The built command line. */
export const MAIN: string = join(ROOT, 'dist/src/cli/main.js');

/** Runs a built command in a process of its own. Rejects unless it ends with 0. */
export async function resedge(...args: readonly string[]): Promise<Measured> {
  if (!existsSync(MAIN)) throw new Error(`expected the built package at ${MAIN}: npm run build`);
  return measure(process.execPath, [MAIN, ...args]);
}

/** Runs a built command with `--json` and returns what it printed. */
export async function resedgeJson<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse((await resedge(...args, '--json')).stdout) as T;
}

/** What `bench --json` prints, as far as it is used here. */
export type BenchResult = { readonly ms: { readonly min: number; readonly p50: number } };

/** What `evaluate --json` prints, as far as it is used here. */
export type EvaluateResult = {
  readonly images: number;
  readonly top1: number;
  readonly agreement: number;
  readonly sqnrDb: number;
};
