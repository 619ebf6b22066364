import type { DeviceProfile } from '../../device/profile.ts';
import type { Provider } from '../../runtime/types.ts';
import { probeNative } from '../backend/native.ts';
import type { ProbeResult } from '../backend/probe.ts';
import { probeWasm } from '../backend/wasm.ts';
import type { Check } from './check.ts';
import { splitMend } from './packages.ts';

/** Those that every machine has in one of the packages; the others are for machines whose profile names them. */
const COMMON: readonly Provider[] = ['cpu', 'wasm'];
const LINUX_X64: readonly Provider[] = ['webgpu', 'cuda', 'tensorrt'];

const MENDS: Readonly<Partial<Record<Provider, string>>> = {
  webgpu: 'sudo apt-get install mesa-vulkan-drivers, or the driver of the graphics card',
  cuda: 'nvidia-smi shows whether the driver works',
  tensorrt: 'nvidia-smi shows whether the driver works',
  cpu: 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
  wasm: 'npm install onnxruntime-web',
};

/** Lets each provider of the profile, and those that this system's packages offer, compute in a process of its own. */
export async function checkProviders(profile: DeviceProfile): Promise<readonly Check[]> {
  const offered = process.platform === 'linux' && process.arch === 'x64' ? LINUX_X64 : [];
  const names = [...new Set([...profile.providers.map(({ provider }) => provider), ...COMMON, ...offered])];
  const results = await Promise.all(names.map((name) => (name === 'wasm' ? probeWasm() : probeNative(name))));
  const needed = new Set(neededGroup(profile));
  const served = results.some(({ provider, available }) => needed.has(provider) && available);
  return results.map((result) => toCheck(result, needed.has(result.provider) && !served));
}

/**
 * What a profile needs: one of the accelerators that it puts before the CPU and WASM, or else its first choice. WASM in Node stands in for
 * a profile of browsers.
 */
export function neededGroup({ providers }: Pick<DeviceProfile, 'providers'>): readonly Provider[] {
  const first = providers.findIndex(({ provider }) => COMMON.includes(provider));
  const end = first < 0 ? providers.length : Math.max(1, first);
  return providers.slice(0, end).map(({ provider }) => provider);
}

function toCheck({ provider, available, reason, ms, precisions, nodes, library }: ProbeResult, needed: boolean): Check {
  const about = { group: 'providers', name: provider } as const;
  if (!available) {
    // What was found out without a process names its command; what a process said does not.
    const said = ms === 0 ? splitMend(reason) : { found: reason, mend: MENDS[provider] };
    return { ...about, state: needed ? 'broken' : 'missing', ...said };
  }
  const where = nodes === undefined ? '' : `, nodes on ${Object.keys(nodes).join(' and ')}`;
  const found = `${precisions.join(', ')} right in ${library}${where}, ${(ms / 1000).toFixed(1)} s`;
  return reason === '' ? { ...about, state: 'ok', found } : { ...about, state: 'note', found: `${found}; ${reason}` };
}
