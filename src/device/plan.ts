import type { DeviceProfile, ProviderChoice, ProviderName } from './profile.ts';

/** Whether a provider can run here; `reason` says why not. */
export type ProviderStatus = { readonly name: ProviderName; readonly available: boolean; readonly reason: string };

export type PlannedSession = ProviderChoice & {
  readonly threads: number;
  readonly spinning: boolean;
  readonly why: string;
};

export type Plan = {
  /** In the order to try. */
  readonly candidates: readonly PlannedSession[];
  readonly skipped: readonly { readonly provider: ProviderName; readonly reason: string }[];
};

/**
 * What to open, in the profile's order: providers known to be absent are left out with the reason, those that nobody asked
 * about stay in, since opening tells.
 */
export function plan(profile: DeviceProfile, statuses: readonly ProviderStatus[]): Plan {
  const candidates: PlannedSession[] = [];
  const skipped: Plan['skipped'][number][] = [];
  for (const [rank, choice] of profile.providers.entries()) {
    const status = statuses.find(({ name }) => name === choice.provider);
    if (status?.available === false) {
      skipped.push({ provider: choice.provider, reason: status.reason });
      continue;
    }
    const why = `choice ${rank + 1} of ${profile.id}, ${status === undefined ? 'not asked whether available' : 'available'}`;
    candidates.push({ ...choice, threads: profile.threads, spinning: profile.spinning, why });
  }
  return { candidates, skipped };
}
