import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isResedgeError } from '../../errors.ts';
import { type ElfFacts, readElf } from './elf.ts';
import { mendLibrary, mendProvider } from './gpu-versions.ts';

export type GpuProvider = 'cuda' | 'tensorrt';

export type GpuLibraries =
  /** In the order to load them in. */
  { readonly kind: 'found'; readonly files: readonly string[] } | { readonly kind: 'fault'; readonly reason: string };

/** Where libraries are looked for, before the system's own places. */
export type GpuPlaces = { readonly env: Readonly<Record<string, string | undefined>>; readonly root?: string };

/** Folders that a user names for NVIDIA's libraries: itself, its lib and lib64, and pip's one folder for each. */
export const GPU_DIRS = ['RESEDGE_CUDA_DIR', 'RESEDGE_TENSORRT_DIR'] as const;

const PROVIDER_LIBRARIES: Readonly<Record<GpuProvider, readonly string[]>> = {
  cuda: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
  tensorrt: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'],
};

const SYSTEM_DIRS = [
  'usr/local/cuda/lib64',
  'usr/local/cuda/lib',
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'usr/lib64',
];

/** CUDA's, cuDNN's and TensorRT's; the driver's own libcuda comes with the driver. */
const NVIDIA = /^lib(cu|nv)(?!da\.so)/;

class Fault extends Error {}

/**
 * The libraries that ONNX Runtime's provider in `folder` says it needs, each found, of the right version and for this processor, or
 * the first thing that is wrong and the command that mends it. Linux only; reads headers, loads nothing.
 */
export function findGpuLibraries(provider: GpuProvider, folder: string, places: GpuPlaces): GpuLibraries {
  try {
    const dirs = searchDirs(places);
    const providers = PROVIDER_LIBRARIES[provider].map((name) => providerLibrary(folder, name));
    const found = new Map<string, string>();
    for (const { needed } of providers) for (const name of needed) addLibrary(name, dirs, found);
    return { kind: 'found', files: [...found.values()] };
  } catch (error) {
    if (error instanceof Fault || isResedgeError(error)) return { kind: 'fault', reason: error.message };
    throw error;
  }
}

function providerLibrary(folder: string, name: string): ElfFacts {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Fault(`expected ${name} beside onnxruntime-node's binding: ${mendProvider()}`);
  const facts = readElf(path);
  if (facts.arch !== process.arch)
    throw new Fault(`${path}: expected a library for ${process.arch}, found one for ${facts.arch}: ${mendProvider()}`);
  return facts;
}

/** Adds a library after those that it needs itself. */
function addLibrary(name: string, dirs: readonly string[], found: Map<string, string>): void {
  if (!NVIDIA.test(name) || found.has(name)) return;
  const path = dirs.map((dir) => join(dir, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Fault(absent(name, dirs));
  const { arch, soname = name, needed } = readElf(path);
  if (arch !== process.arch)
    throw new Fault(`${path}: expected a library for ${process.arch}, found one for ${arch}: ${mendLibrary(name)}`);
  if (soname !== name) throw new Fault(`${path}: expected ${name}, it is ${soname} inside: ${mendLibrary(name)}`);
  const beside = [dirname(path), ...dirs];
  for (const other of needed) addLibrary(other, beside, found);
  found.set(name, path);
}

function absent(name: string, dirs: readonly string[]): string {
  const stem = `${name.split('.so')[0]}.so`;
  for (const dir of dirs) {
    const other = list(dir).find((file) => file === stem || file.startsWith(`${stem}.`));
    if (other !== undefined) return `expected ${name}, found ${other} in ${dir}: ${mendLibrary(name)}`;
  }
  return `expected ${name}, found none: ${mendLibrary(name)}`;
}

function searchDirs({ env, root = '/' }: GpuPlaces): readonly string[] {
  const named = GPU_DIRS.flatMap((name) =>
    split(env[name]).flatMap((dir) => {
      if (!isFolder(dir)) throw new Fault(`expected ${name} to name a folder of libraries, ${dir} is none`);
      return [dir, ...list(dir).flatMap((inner) => [join(dir, inner), join(dir, inner, 'lib')])].filter(isFolder);
    }),
  );
  return [...named, ...split(env['LD_LIBRARY_PATH']), ...SYSTEM_DIRS.map((dir) => join(root, dir))];
}

const split = (paths = ''): readonly string[] => paths.split(delimiter).filter((path) => path !== '');

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
