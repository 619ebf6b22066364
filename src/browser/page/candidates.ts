import { chooseProfile } from '../../device/choose.ts';
import type { PageManifest, PageModel, PageProfile } from '../../device/page-manifest.ts';
import { type Pair, pairFiles } from '../../device/pair-files.ts';
import type { WebFacts } from './web-facts.ts';

export type Candidates = { readonly profile: PageProfile; readonly pairs: readonly Pair<PageModel>[] };

/** Whether a profile names WebGPU and a file runs on it. */
export function wantsGpu({ profiles, models }: PageManifest): boolean {
  const choices = profiles.flatMap(({ providers }) => providers.filter(({ provider }) => provider === 'webgpu'));
  return pairFiles(choices, models).length > 0;
}

/** The profile that fits this browser, and what to open by it, best first. */
export function candidates({ profiles, models }: PageManifest, { web, shaderF16 }: WebFacts): Candidates {
  const machine = { arch: '', platform: '', cpuFeatures: [], compatible: [], accelerators: [], web };
  const { profile } = chooseProfile(profiles, machine, profiles[0]?.id ?? '');
  const pairs = pairFiles(
    profile.providers,
    models,
    ({ choice, file }) => choice.provider === 'webgpu' && file.precision === 'fp16' && !shaderF16,
  );
  return { profile, pairs };
}
