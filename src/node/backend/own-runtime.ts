import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isResedgeError } from '../../errors.ts';
import { readElf } from '../device/elf.ts';

/** Names a folder with a build of ONNX Runtime to use instead of the package's: the binding and its library side by side. */
export const ORT_DIR = 'RESEDGE_ORT_DIR';

export const BINDING = 'onnxruntime_binding.node';

/** Where the package onnxruntime-node holds its native build for a platform, seen from its own folder. */
export const buildPath = (platform: string, arch: string): string => `bin/napi-v6/${platform}/${arch}`;

/** The folder of the package's native build for this platform, whether there or not. Throws if the package is not installed. */
export function packageBuild(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', buildPath(process.platform, process.arch));
}

export function ownRuntime(): string | undefined {
  const folder = process.env[ORT_DIR];
  return folder === undefined || folder === '' ? undefined : folder;
}

/** The version of the onnxruntime-node package, whose JavaScript drives the binding. Throws if it is not installed. */
export function packageVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('onnxruntime-node/package.json');
  return version;
}

/** What keeps a folder's build from being loaded, on one line; undefined where nothing is seen. Loads nothing. */
export function faultOfRuntime(folder: string): string | undefined {
  const binding = join(folder, BINDING);
  if (!existsSync(binding)) return `there is no ${BINDING} in it: copy it there beside libonnxruntime`;
  if (process.platform !== 'linux') return undefined;
  try {
    const { arch, needed } = readElf(binding);
    if (arch !== process.arch)
      return `its ${BINDING} is built for ${arch}, this is ${process.arch}: build it here or name another folder`;
    const library = needed.find((name) => name.startsWith('libonnxruntime.so'));
    if (library === undefined) return undefined;
    if (!existsSync(join(folder, library)))
      return `its ${BINDING} needs ${library} beside it, the folder holds ${readdirSync(folder).sort().join(', ')}: copy it there`;
    return faultOfLibrary(join(folder, library), library);
  } catch (error) {
    if (isResedgeError(error)) return error.message;
    throw error;
  }
}

const minor = (version: string): string => version.split('.', 2).join('.');

function faultOfLibrary(path: string, name: string): string | undefined {
  const { arch, strings } = readElf(path);
  if (arch !== process.arch) return `its ${name} is built for ${arch}, this is ${process.arch}: build it here`;
  const version = /\bVERS_(\d+\.\d+\.\d+)/.exec(strings)?.[1];
  const wanted = packageVersion();
  if (version !== undefined && minor(version) !== minor(wanted))
    return `its ${name} is ONNX Runtime ${version}, onnxruntime-node here is ${wanted}: build v${wanted}, or npm install onnxruntime-node@${version}`;
  return undefined;
}

/**
 * Loads the folder's binding and puts it where onnxruntime-node looks for its own, in this thread, before the package is loaded.
 * Throws what the loader throws.
 */
export function useRuntime(folder: string): void {
  const require = createRequire(import.meta.url);
  const place = join(packageBuild(), BINDING);
  const binding = join(folder, BINDING);
  require(binding);
  require.cache[place] = require.cache[require.resolve(binding)];
}
