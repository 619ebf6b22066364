import { parseProfile } from '../../device/parse.ts';
import type { DeviceProfile, StoredProfile } from '../../device/profile.ts';
import { lineage, resolveProfile } from '../../device/resolve.ts';
import { ResedgeError } from '../../errors.ts';
import { readText } from '../files.ts';
import { bundledProfiles } from './bundled.ts';

/**
 * A bundled profile by its id, or one from a JSON file, which may extend a bundled one. Throws `usage` for neither, and what
 * `parseProfile` and `resolveProfile` throw of a file.
 */
export function loadProfile(name: string): DeviceProfile {
  return resolveProfile(...named(name));
}

/** The profile that a name means to {@link loadProfile}, and those that it extends, nearest first. Throws what that throws. */
export function loadLineage(name: string): readonly StoredProfile[] {
  return lineage(...named(name));
}

/** The profile's id, the profiles that there are, and what to call it in errors. */
function named(name: string): readonly [string, ReadonlyMap<string, StoredProfile>, string] {
  const stored = bundledProfiles();
  if (stored.has(name)) return [name, stored, `profile ${name}`];
  if (!name.endsWith('.json')) {
    const known = [...stored.keys()].join(', ');
    throw new ResedgeError('usage', `expected a device profile among ${known}, or a .json file, received ${name}`);
  }
  const own = parseProfile(readText(name, 'a device profile'), name);
  return [own.id, new Map([...stored, [own.id, own]]), name];
}
