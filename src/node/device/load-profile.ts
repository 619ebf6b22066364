import { parseProfile } from '../../device/parse.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import { resolveProfile } from '../../device/resolve.ts';
import { ResedgeError } from '../../errors.ts';
import { readText } from '../files.ts';
import { bundledProfiles } from './bundled.ts';

/**
 * A bundled profile by its id, or one from a JSON file, which may extend a bundled one. Throws `usage` for neither, and what
 * `parseProfile` and `resolveProfile` throw of a file.
 */
export function loadProfile(name: string): DeviceProfile {
  const stored = bundledProfiles();
  if (stored.has(name)) return resolveProfile(name, stored);
  if (!name.endsWith('.json')) {
    const known = [...stored.keys()].join(', ');
    throw new ResedgeError('usage', `expected a device profile among ${known}, or a .json file, received ${name}`);
  }
  const own = parseProfile(readText(name, 'a device profile'), name);
  return resolveProfile(own.id, new Map([...stored, [own.id, own]]), name);
}
