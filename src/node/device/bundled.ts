import { readdirSync, readFileSync } from 'node:fs';
import type { StoredProfile } from '../../device/profile.ts';
import { PACKAGE_FOLDER } from '../package.ts';

const SCHEMA_FILE = 'schema.json';

/** The package's folder of profiles. */
export const DEVICES_FOLDER: URL = new URL('devices/', PACKAGE_FOLDER);

/**
 * The profiles that the package brings, by id. Not validated here, which would cost a start-up's time: the tests validate the
 * files. A profile from elsewhere goes through `parseProfile`.
 */
export function bundledProfiles(): ReadonlyMap<string, StoredProfile> {
  const profiles = new Map<string, StoredProfile>();
  for (const file of readdirSync(DEVICES_FOLDER).sort()) {
    if (!file.endsWith('.json') || file === SCHEMA_FILE) continue;
    const profile: StoredProfile = JSON.parse(readFileSync(new URL(file, DEVICES_FOLDER), 'utf8'));
    profiles.set(profile.id, profile);
  }
  return profiles;
}
