import { ResedgeError } from '../errors.ts';
import type { DetectHints } from './profile.ts';

/** What is known of a machine. */
export type MachineFacts = {
  readonly arch: string;
  readonly cpuFeatures: readonly string[];
  /** The device tree's `compatible` strings; empty where there is none. */
  readonly compatible: readonly string[];
};

type Candidate = { readonly id: string; readonly detect: DetectHints };

export type ProfileChoice<T> = { readonly profile: T; readonly why: readonly string[] };

/** A board says more than a CPU feature, and that more than the architecture. */
const WEIGHT = { deviceTree: 4, cpuFeatures: 2, arch: 1 } as const;

function match(
  { arch, deviceTree, cpuFeatures }: DetectHints,
  facts: MachineFacts,
): { readonly score: number; readonly why: readonly string[] } | undefined {
  const board = deviceTree?.find((name) => facts.compatible.includes(name));
  const feature = cpuFeatures?.find((name) => facts.cpuFeatures.includes(name));
  if (arch !== undefined && arch !== facts.arch) return undefined;
  if (deviceTree !== undefined && board === undefined) return undefined;
  if (cpuFeatures !== undefined && feature === undefined) return undefined;
  const score = (board ? WEIGHT.deviceTree : 0) + (feature ? WEIGHT.cpuFeatures : 0) + (arch ? WEIGHT.arch : 0);
  const why = [
    ...(arch === undefined ? [] : [`architecture ${arch}`]),
    ...(feature === undefined ? [] : [`CPU feature ${feature}`]),
    ...(board === undefined ? [] : [`device tree names ${board}`]),
  ];
  return score === 0 ? undefined : { score, why };
}

/**
 * The profile whose hints say most about this machine, with what matched; of equals the first. Profiles without hints are never
 * chosen, except `fallback` when nothing matches. Throws code `internal` if there is no such profile.
 */
export function chooseProfile<T extends Candidate>(
  profiles: readonly T[],
  facts: MachineFacts,
  fallback: string,
): ProfileChoice<T> {
  let best: (ProfileChoice<T> & { readonly score: number }) | undefined;
  for (const profile of profiles) {
    const found = match(profile.detect, facts);
    if (found !== undefined && found.score > (best?.score ?? 0)) best = { profile, ...found };
  }
  if (best !== undefined) return { profile: best.profile, why: best.why };
  const profile = profiles.find(({ id }) => id === fallback);
  if (profile === undefined) throw new ResedgeError('internal', `expected a profile ${fallback}, there is none`);
  return { profile, why: [`no profile for architecture ${facts.arch}`] };
}
