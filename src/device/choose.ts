import { ResedgeError } from '../errors.ts';
import { type AcceleratorName, type DetectHints, WEB_APIS, type WebApi } from './profile.ts';

/** What is known of a machine. */
export type MachineFacts = {
  readonly arch: string;
  /** As Node.js names it; empty in a browser. */
  readonly platform: string;
  readonly cpuFeatures: readonly string[];
  /** The device tree's `compatible` strings; empty where there is none. */
  readonly compatible: readonly string[];
  readonly accelerators: readonly AcceleratorName[];
  /** What the page can compute with; empty outside a browser. */
  readonly web: readonly WebApi[];
};

type Candidate = { readonly id: string; readonly detect: DetectHints };

export type ProfileChoice<T> = { readonly profile: T; readonly why: readonly string[] };

/** One hint that holds: how much it says, and what it found. */
type Match = { readonly weight: number; readonly why: string };

/** A board says more than an accelerator, that more than a system or CPU feature, and that more than the architecture. */
const WEIGHT = { deviceTree: 16, accelerators: 8, cpuFeatures: 4, platform: 4, arch: 1 } as const;

/** True if the pattern, in which `*` stands for any characters, is the whole text. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

const found = (value: string | undefined, weight: number, what: string): Match | undefined =>
  value === undefined ? undefined : { weight, why: `${what} ${value}` };

/** A match, or nothing, for every hint given. */
function matches(hints: DetectHints, facts: MachineFacts): readonly (Match | undefined)[] {
  const { arch, platform, deviceTree, cpuFeatures, accelerators, web } = hints;
  const board = facts.compatible.find((name) => deviceTree?.some((pattern) => fits(pattern, name)));
  const feature = cpuFeatures?.find((name) => facts.cpuFeatures.includes(name));
  const accelerator = accelerators?.find((name) => facts.accelerators.includes(name));
  return [
    ...(arch ? [found(arch === facts.arch ? arch : undefined, WEIGHT.arch, 'architecture')] : []),
    ...(platform ? [found(platform === facts.platform ? platform : undefined, WEIGHT.platform, 'system')] : []),
    ...(cpuFeatures ? [found(feature, WEIGHT.cpuFeatures, 'CPU feature')] : []),
    ...(accelerators ? [found(accelerator, WEIGHT.accelerators, 'accelerator')] : []),
    ...(deviceTree ? [found(board, WEIGHT.deviceTree, 'device tree names')] : []),
    ...(web
      ? [
          found(
            facts.web.find((name) => name === web),
            1 + WEB_APIS.indexOf(web),
            'page with',
          ),
        ]
      : []),
  ];
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
    const all = matches(profile.detect, facts);
    const hits = all.filter((match) => match !== undefined);
    if (hits.length < all.length) continue;
    const score = hits.reduce((sum, { weight }) => sum + weight, 0);
    if (score > (best?.score ?? 0)) best = { profile, why: hits.map(({ why }) => why), score };
  }
  if (best !== undefined) return { profile: best.profile, why: best.why };
  const profile = profiles.find(({ id }) => id === fallback);
  if (profile === undefined) throw new ResedgeError('internal', `expected a profile ${fallback}, there is none`);
  return { profile, why: [`no profile for architecture ${facts.arch}`] };
}
