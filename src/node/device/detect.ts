import { accumulatorHazard } from '../../device/hazard.ts';
import type { ProviderStatus } from '../../device/plan.ts';
import type { Backend, Provider } from '../../runtime/types.ts';
import { nativeBackend } from '../backend/native.ts';
import { wasmBackend } from '../backend/wasm.ts';
import { quickProfile } from './quick-profile.ts';

/** The answer of `devices detect --json`. */
export type Detection = {
  readonly profile: string;
  readonly why: readonly string[];
  readonly cpu: { readonly model: string; readonly features: readonly string[]; readonly cores: number };
  readonly memoryMb: number;
  readonly providers: readonly ProviderStatus[];
};

/** Which backend would run each provider under Node. */
const BACKEND_OF: readonly (readonly [Provider, Backend])[] = [
  ['cpu', nativeBackend],
  ['cuda', nativeBackend],
  ['tensorrt', nativeBackend],
  ['webgpu', nativeBackend],
  ['coreml', nativeBackend],
  ['dml', nativeBackend],
  ['wasm', wasmBackend],
];

async function statusOf(name: Provider, backend: Backend): Promise<ProviderStatus> {
  const answer = await backend.available(name);
  return answer.available ? { name, available: true, reason: `in ${backend.name}` } : { name, ...answer };
}

/**
 * Which profile fits this machine and why, and which providers it has. `available` means that the library has the provider; the
 * device behind a GPU provider shows only when a session opens.
 */
export async function detectDevice(): Promise<Detection> {
  const { profile, why, machine } = quickProfile();
  const { arch, model, cpuFeatures, cores, memoryMb, board } = machine;
  const hazard = accumulatorHazard(arch, cpuFeatures);
  return {
    profile: profile.id,
    why: [
      ...why,
      ...(board === undefined ? [] : [`board ${board}`]),
      hazard === 'none'
        ? '8-bit accumulators are exact'
        : '8-bit kernels clip sums of two products: u8s8-safe stays exact',
    ],
    cpu: { model, features: cpuFeatures, cores },
    memoryMb,
    providers: await Promise.all(BACKEND_OF.map(([name, backend]) => statusOf(name, backend))),
  };
}
