import { type PlannedSession, plan, type SkippedProvider } from '../../device/plan.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import type { ModelKind } from '../../device/runs.ts';
import { ResedgeError } from '../../errors.ts';
import type { Machine } from '../device/machine.ts';

/** A model file, and what is to run it where. */
export type ModelToRun = {
  readonly path: string;
  readonly bytes: number;
  /** Undefined where every provider takes every file. */
  readonly kind: ModelKind | undefined;
  readonly profile: DeviceProfile;
  readonly machine: Machine;
  readonly strict: boolean;
};

export type ModelPlan = {
  readonly candidates: readonly [PlannedSession, ...PlannedSession[]];
  readonly skipped: readonly SkippedProvider[];
};

const MB = 2 ** 20;

/**
 * What to open the model with, in order. Throws `input` for a file larger than the memory budget and `unsupported` if no provider of
 * the profile, or if strict not the first one, runs the file's precision.
 */
export function planModel({ path, bytes, kind, profile, machine, strict }: ModelToRun): ModelPlan {
  const { candidates, skipped } = plan(profile, [], { model: kind, machine });
  const [first, ...rest] = candidates;
  const refused = first?.provider === profile.providers[0]?.provider ? [] : skipped;
  if (first === undefined || (strict && refused.length > 0)) {
    const reasons = (strict ? refused.slice(0, 1) : refused).map(({ reason }) => reason).join('; ');
    const wanted = strict ? `the first provider of profile ${profile.id}` : `a provider of profile ${profile.id}`;
    throw new ResedgeError('unsupported', `${path}: expected a file that ${wanted} runs, ${reasons}`);
  }
  if (bytes > first.memoryBudgetMb * MB) {
    const budget = `${first.memoryBudgetMb} MB`;
    throw new ResedgeError(
      'input',
      `${path}: expected a model within the memory budget of ${budget} of profile ${profile.id}, the file has ${Math.ceil(bytes / MB)} MB: convert it to INT8, or raise memoryBudgetMb in a profile of your own`,
    );
  }
  return { candidates: [first, ...rest], skipped };
}

/** Those among the skipped that the profile puts before the provider in use. */
export function passedOver(
  { providers }: DeviceProfile,
  inUse: string,
  skipped: readonly SkippedProvider[],
): readonly SkippedProvider[] {
  const rank = (name: string): number => providers.findIndex(({ provider }) => provider === name);
  return skipped.filter(({ provider }) => rank(provider) < rank(inUse));
}
