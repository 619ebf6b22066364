import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownRuntime, packageVersion } from '../backend/own-runtime.ts';
import type { Machine } from '../device/machine.ts';

/** Raised when an entry's form changes. */
const FORM = 1;

/** The native runtime in use: its version and, for a build of one's own, its files. Throws if none is installed. */
export function runtimeVersion(): string {
  const own = ownRuntime();
  if (own === undefined) return packageVersion();
  const files = readdirSync(own).map((name) => {
    const { size, mtimeMs } = statSync(join(own, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return `${packageVersion()} of ${own} (${hashOf(files.sort()).slice(0, 12)})`;
}

/**
 * The name of the graph that ONNX Runtime's CPU provider makes of a model, by all that decides it: blocked weights have the layout of the
 * processor that they were made for.
 */
export function graphKey(
  sha256: string,
  { arch, platform, model, cpuFeatures }: Pick<Machine, 'arch' | 'platform' | 'model' | 'cpuFeatures'>,
): string {
  return hashOf([`${FORM}`, 'cpu', sha256, runtimeVersion(), arch, platform, model, ...cpuFeatures]).slice(0, 32);
}

export function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
