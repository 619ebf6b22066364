import { accumulatorHazard } from '../../device/hazard.ts';
import { type ProviderStatus, plan } from '../../device/plan.ts';
import type { Precision } from '../../device/profile.ts';
import type { Backend, Provider } from '../../runtime/types.ts';
import { nativeBackend, probeNative } from '../backend/native.ts';
import type { NodeCounts } from '../backend/node-counts.ts';
import { wasmBackend } from '../backend/wasm.ts';
import { findLibraries, type SeenAccelerator } from './accelerators.ts';
import { quickProfile } from './quick-profile.ts';
import { treeAt } from './tree.ts';

/** The answer of `devices detect --json`. */
export type Detection = {
  readonly profile: string;
  readonly why: readonly string[];
  readonly board: string | null;
  readonly cpu: {
    readonly model: string;
    readonly features: readonly string[];
    /** Processors that may be used; among them those that are no efficiency cores. */
    readonly cores: number;
    readonly performanceCores: number;
  };
  readonly memoryMb: number;
  /** What control groups grant; null without a limit. */
  readonly limits: { readonly cpus: number | null; readonly memoryMb: number | null };
  /** What the profile plans here: threads inside one inference (0: the backend's choice) and memory. */
  readonly planned: { readonly threads: number; readonly spinning: boolean; readonly memoryBudgetMb: number };
  readonly accelerators: readonly SeenAccelerator[];
  readonly providers: readonly DetectedProvider[];
};

/** A provider other than the CPU and WASM says, from a probe, what it computes and where the nodes of the test model ran. */
export type DetectedProvider = ProviderStatus & {
  readonly precisions?: readonly Precision[];
  readonly nodes?: NodeCounts;
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

async function statusOf(name: Provider, backend: Backend): Promise<DetectedProvider> {
  if (backend === nativeBackend && name !== 'cpu') {
    const { available, reason, precisions, nodes } = await probeNative(name);
    const found = available ? `in ${backend.name}: ${precisions.join(', ')}` : reason;
    return { name, available, reason: found, precisions, ...(nodes === undefined ? {} : { nodes }) };
  }
  const answer = await backend.available(name);
  return answer.available ? { name, available: true, reason: `in ${backend.name}` } : { name, ...answer };
}

/**
 * Which profile fits this machine and why, what it grants, and which providers it has. A provider other than the CPU and
 * WASM is let compute in a process of its own.
 */
export async function detectDevice(): Promise<Detection> {
  const { profile, why, machine } = await quickProfile();
  const { arch, model, cpuFeatures, cores, performanceCores, memoryMb, board } = machine;
  const hazard = accumulatorHazard(arch, cpuFeatures);
  const { threads, spinning, memoryBudgetMb } = plan(profile, [], { machine }).candidates[0] ?? profile;
  return {
    profile: profile.id,
    why: [
      ...why,
      ...(board === undefined ? [] : [`board ${board}`]),
      hazard === 'none'
        ? '8-bit accumulators are exact'
        : '8-bit kernels clip sums of two products: u8s8-safe stays exact',
    ],
    board: board ?? null,
    cpu: { model, features: cpuFeatures, cores, performanceCores: Math.min(cores, performanceCores) },
    memoryMb,
    limits: { cpus: machine.cpuQuota ?? null, memoryMb: machine.memoryLimited ? memoryMb : null },
    planned: { threads, spinning, memoryBudgetMb },
    accelerators: findLibraries(treeAt('/'), machine.seen),
    providers: await Promise.all(BACKEND_OF.map(([name, backend]) => statusOf(name, backend))),
  };
}
