import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { DeviceProfile } from '../../device/profile.ts';
import { isResedgeError } from '../../errors.ts';
import { bindingFolder, isInstalled } from '../backend/installed.ts';
import { ORT_DIR, ownRuntime } from '../backend/own-runtime.ts';
import { loadSharp } from '../image/load-sharp.ts';
import { packageProducer } from '../package.ts';
import type { Check } from './check.ts';

const GPU_FILES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_tensorrt.so'];

type Runs = Pick<DeviceProfile, 'providers'>;

/** This package and those that it runs on, with their versions; a runtime that the profile makes no use of need not be there. */
export async function checkPackages(profile: Runs): Promise<readonly Check[]> {
  const { name, version } = packageProducer();
  return [
    { group: 'packages', name, state: 'ok', found: version },
    checkNative(profile),
    checkInstalled('onnxruntime-web', profile),
    await checkSharp(),
  ];
}

function checkNative(profile: Runs): Check {
  const installed = checkInstalled('onnxruntime-node', profile);
  if (installed.state !== 'ok') return installed;
  const folder = bindingFolder();
  const gpu = GPU_FILES.filter((file) => existsSync(join(folder, file)));
  const own = ownRuntime();
  const from = own === undefined ? '' : `, its libraries from ${own} (${ORT_DIR})`;
  const extra = process.platform === 'linux' ? `, ${gpu.length === 0 ? 'without CUDA libraries' : gpu.join(', ')}` : '';
  return { ...installed, found: `${installed.found} for ${process.platform} ${process.arch}${from}${extra}` };
}

function checkInstalled(library: 'onnxruntime-node' | 'onnxruntime-web', { providers }: Runs): Check {
  const about = { group: 'packages', name: library } as const;
  const answer = isInstalled(library);
  if (answer.available) return { ...about, state: 'ok', found: versionOf(library) };
  const state = providers.some(({ backend }) => backend === library) ? 'broken' : 'missing';
  return { ...about, state, ...splitMend(answer.reason) };
}

async function checkSharp(): Promise<Check> {
  const about = { group: 'packages', name: 'sharp' } as const;
  try {
    const { versions } = await loadSharp();
    return { ...about, state: 'ok', found: `${versions.sharp ?? 'installed'}, libvips ${versions.vips}` };
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    return { ...about, state: 'broken', ...splitMend(error.message) };
  }
}

function versionOf(library: string): string {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(library === 'onnxruntime-web' ? 'onnxruntime-web/wasm' : library);
  const { version }: { version: string } = require(
    join(entry.slice(0, entry.lastIndexOf(library) + library.length), 'package.json'),
  );
  return version;
}

/** A reason and the command after its last colon. */
export function splitMend(reason: string): { readonly found: string; readonly mend?: string } {
  const at = reason.lastIndexOf(': ');
  return at < 0 ? { found: reason } : { found: reason.slice(0, at), mend: reason.slice(at + 2) };
}
