import { chooseProfile } from '../../device/choose.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import { resolveProfile } from '../../device/resolve.ts';
import { bundledProfiles } from './bundled.ts';
import { type Machine, readMachine } from './machine.ts';

/** The profile of a machine nobody recognises: it needs nothing native. */
export const FALLBACK_PROFILE = 'browser-wasm';

export type QuickProfile = {
  readonly profile: DeviceProfile;
  readonly why: readonly string[];
  readonly machine: Machine;
};

/** The bundled profile that fits this machine, in a few milliseconds: reads small files, loads no library. */
export function quickProfile(): QuickProfile {
  const machine = readMachine();
  const stored = bundledProfiles();
  const { profile, why } = chooseProfile([...stored.values()], machine, FALLBACK_PROFILE);
  return { profile: resolveProfile(profile.id, stored), why, machine };
}
