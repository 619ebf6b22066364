import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { fetchPackages } from './fetch-packages.ts';
import { copyRunning, type Installed, lookFor } from './packages.ts';
import type { Target } from './target.ts';

export type SharpSource = Pick<Target, 'platform' | 'arch' | 'libc'> & {
  /** The installed package, which names the versions of its builds. */
  readonly sharp: Installed;
  readonly signal: AbortSignal | undefined;
};

/**
 * Puts sharp's native build for a platform into `modules`, a folder node_modules: copied where it is installed here, fetched from the npm
 * registry otherwise. Throws what `fetchPackages` throws, and `unsupported` for a platform without a build.
 */
export async function takeSharp(
  { sharp, platform, arch, libc, signal }: SharpSource,
  modules: string,
): Promise<{ readonly bytes: number; readonly build: string }> {
  const system = platform === 'linux' && libc === 'musl' ? 'linuxmusl' : platform;
  const build = `${system}-${arch}`;
  const wanted = [`@img/sharp-${build}`, `@img/sharp-libvips-${build}`]
    .map((name) => ({ name, version: sharp.optional[name] }))
    .filter((item): item is { name: string; version: string } => item.version !== undefined);
  if (wanted.length === 0) {
    throw new ResedgeError('unsupported', `expected a build of sharp ${sharp.version} for ${build}, there is none`);
  }
  const here = wanted.map(({ name, version }) => {
    const found = lookFor(name, sharp.folder);
    return found?.version === version ? found.folder : undefined;
  });
  const missing = wanted.filter((_, index) => here[index] === undefined);
  const staging = mkdtempSync(join(dirname(modules), '.fetched-'));
  try {
    const fetched = [...(await fetchPackages(missing, staging, signal))];
    const bytes = wanted.map(({ name }, index) => {
      return copyRunning(name, here[index] ?? fetched.shift()!, join(modules, name));
    });
    const origin = missing.length === 0 ? 'installed here' : 'fetched from the npm registry';
    return { bytes: bytes.reduce((sum, size) => sum + size, 0), build: `its build for ${build} ${origin}` };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
