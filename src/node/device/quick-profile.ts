import { chooseProfile } from '../../device/choose.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import { resolveProfile } from '../../device/resolve.ts';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { bundledProfiles } from './bundled.ts';
import { type Machine, readMachine } from './machine.ts';

/** The profile of a machine nobody recognises: it needs nothing native. */
export const FALLBACK_PROFILE = 'browser-wasm';

/** Names the profile to use instead of the one that fits: an id, or a JSON file. */
export const DEVICE_VARIABLE = 'RESEDGE_DEVICE';

export type QuickProfile = {
  readonly profile: DeviceProfile;
  readonly why: readonly string[];
  readonly machine: Machine;
};

/**
 * The profile that {@link DEVICE_VARIABLE} names, else the bundled one that fits this machine, in a few milliseconds: reads small files,
 * loads no library. Throws what `loadProfile` throws of the one named.
 */
export async function quickProfile(): Promise<QuickProfile> {
  const machine = readMachine();
  const named = process.env[DEVICE_VARIABLE];
  if (named) {
    return { profile: await profileNamed(named), why: [`${DEVICE_VARIABLE} names ${named}`], machine };
  }
  const stored = bundledProfiles();
  const { profile, why } = chooseProfile([...stored.values()], machine, FALLBACK_PROFILE);
  return { profile: resolveProfile(profile.id, stored), why, machine };
}

async function profileNamed(name: string): Promise<DeviceProfile> {
  // The parser of profiles takes longer to load than all the rest.
  const { loadProfile } = await import('./load-profile.ts');
  try {
    return loadProfile(name);
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    throw new ResedgeError(error.code, `${DEVICE_VARIABLE}: ${error.message}`, { cause: error });
  }
}
