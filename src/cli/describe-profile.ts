import type { DetectHints, DeviceProfile, ProviderChoice } from '../device/profile.ts';
import { columns, fields } from './print.ts';

/** One line for each profile, under a heading. */
export function describeProfiles(profiles: readonly DeviceProfile[]): string {
  const rows = profiles.map((profile) => {
    const { id, name, providers, verified } = profile;
    return [id, name, providers.map(({ provider }) => provider).join(', '), fileOf(profile), verified.how] as const;
  });
  return columns([['profile', 'machine', 'providers, in order', 'model file', 'verified'], ...rows]);
}

/** Everything that a profile says, what it inherits included. */
export function describeProfile(profile: DeviceProfile): string {
  const { id, name, detect, threads, spinning, memoryBudgetMb, camera, notes, verified } = profile;
  return fields([
    ['profile', id],
    ['machine', name],
    ['found by', hintsOf(detect)],
    ['model file', fileOf(profile)],
    ...beside('providers', providerLines(profile.providers)),
    ['threads', `${threadsOf(threads)}, ${spinning ? 'spinning' : 'parked'} when idle`],
    ['memory', `${memoryBudgetMb} MB at most`],
    ...(camera === undefined
      ? []
      : ([
          ['camera', `${camera.source}, ${camera.width} x ${camera.height} at ${camera.fps} frames a second`],
        ] as const)),
    ...beside('notes', notes),
    ['verified', `${verified.how}: ${verified.what} (${verified.where})`],
  ]);
}

/** A name beside the first of several lines. */
export function beside(name: string, lines: readonly string[]): readonly (readonly [string, string])[] {
  return lines.map((line, i) => [i === 0 ? name : '', line] as const);
}

export function threadsOf(threads: number): string {
  return threads === 0 ? "the backend's choice" : `${threads}`;
}

function fileOf({ precision, scheme }: { readonly precision: string; readonly scheme?: string | undefined }): string {
  return precision === 'int8' && scheme !== undefined ? `int8 ${scheme}` : precision;
}

function providerLines(providers: readonly ProviderChoice[]): readonly string[] {
  const rows = providers.map((choice) => {
    const settings = Object.entries(choice.options ?? {}).map(([key, value]) =>
      value === true ? key : `${key}=${value}`,
    );
    return [choice.provider, fileOf(choice), choice.backend, settings.join(' ')] as const;
  });
  // The fields indent the lines themselves.
  return columns(rows)
    .split('\n')
    .map((line) => line.trimStart());
}

function hintsOf({ arch, platform, deviceTree, cpuFeatures, accelerators, web }: DetectHints): string {
  const hints = [
    ...(arch === undefined ? [] : [`architecture ${arch}`]),
    ...(platform === undefined ? [] : [`system ${platform}`]),
    ...(cpuFeatures === undefined ? [] : [`CPU feature ${cpuFeatures.join(' or ')}`]),
    ...(accelerators === undefined ? [] : [`accelerator ${accelerators.join(' or ')}`]),
    ...(deviceTree === undefined ? [] : [`device tree ${deviceTree.join(' or ')}`]),
    ...(web === undefined ? [] : [`a page with ${web}`]),
  ];
  return hints.join(', ') || 'its name alone';
}
