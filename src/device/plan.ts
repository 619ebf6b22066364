import type { SchemeName } from '../tensor/quantization.ts';
import type { DeviceProfile, Precision, ProviderChoice, ProviderName, ProviderOptions } from './profile.ts';
import { type ModelKind, refusal } from './runs.ts';
import { type CpuShare, threadsWithin } from './threads.ts';

/** Whether a provider can run here; `reason` says why not. */
export type ProviderStatus = { readonly name: ProviderName; readonly available: boolean; readonly reason: string };

export type PlannedSession = {
  readonly provider: ProviderName;
  readonly backend: ProviderChoice['backend'];
  readonly threads: number;
  readonly spinning: boolean;
  /** The file that suits the provider best, which need not be the one at hand. */
  readonly precision: Precision;
  readonly scheme?: SchemeName | undefined;
  readonly providerOptions: ProviderOptions;
  readonly memoryBudgetMb: number;
  readonly why: string;
};

export type SkippedProvider = Pick<ProviderChoice, 'provider' | 'backend'> & { readonly reason: string };

export type Plan = {
  /** In the order to try. */
  readonly candidates: readonly PlannedSession[];
  readonly skipped: readonly SkippedProvider[];
};

/** What is known when planning; what is left out restricts nothing. */
export type PlanFacts = {
  readonly model?: ModelKind | undefined;
  readonly machine?: (CpuShare & { readonly memoryMb: number }) | undefined;
};

/**
 * What to open, in the profile's order: providers known to be absent or unable to run the model are left out with the reason, those
 * that nobody asked about stay in, since opening tells. Threads, spinning and memory heed what the machine grants.
 */
export function plan(profile: DeviceProfile, statuses: readonly ProviderStatus[], facts: PlanFacts = {}): Plan {
  const { model, machine } = facts;
  const threads = machine === undefined ? profile.threads : threadsWithin(profile.threads, machine);
  // A thread that spins uses up a quota while it waits.
  const spinning = profile.spinning && machine?.cpuQuota === undefined;
  const memoryBudgetMb = Math.min(profile.memoryBudgetMb, machine?.memoryMb ?? profile.memoryBudgetMb);
  const candidates: PlannedSession[] = [];
  const skipped: SkippedProvider[] = [];
  for (const [rank, { provider, backend, precision, scheme, options = {} }] of profile.providers.entries()) {
    const status = statuses.find(({ name }) => name === provider);
    const reason = status?.available === false ? status.reason : model && refusal(provider, model);
    if (reason !== undefined) {
      skipped.push({ provider, backend, reason });
      continue;
    }
    const why = `choice ${rank + 1} of ${profile.id}, ${status === undefined ? 'not asked whether available' : 'available'}`;
    candidates.push({
      ...{ provider, backend, threads, spinning, precision, scheme },
      ...{ providerOptions: options, memoryBudgetMb, why },
    });
  }
  return { candidates, skipped };
}
