import { ResedgeError } from '../errors.ts';
import type { DeviceProfile, Inherited, StoredProfile } from './profile.ts';

/**
 * A whole profile: what it leaves out comes from the profile that it extends, and so on. `detect` and `verified` are never inherited.
 * `where` names the file in errors. Throws code `input` for an unknown name, a circle, or a field that nobody states.
 */
export function resolveProfile(
  id: string,
  stored: ReadonlyMap<string, StoredProfile>,
  where: string = `profile ${id}`,
): DeviceProfile {
  const chain = lineage(id, stored, where);
  const own = chain[0]!;
  const find = <K extends Inherited>(key: K): StoredProfile[K] | undefined =>
    chain.find((profile) => profile[key] !== undefined)?.[key];
  const expect = <K extends Inherited>(key: K): NonNullable<StoredProfile[K]> => {
    const value = find(key);
    if (value != null) return value;
    throw new ResedgeError(
      'input',
      `${where}: expected ${key} in it or in a profile that it extends, there is none: add it, or extend a bundled profile`,
    );
  };
  const camera = find('camera');
  return {
    id,
    name: own.name,
    detect: own.detect,
    providers: expect('providers'),
    precision: expect('precision'),
    scheme: expect('scheme'),
    threads: expect('threads'),
    spinning: expect('spinning'),
    memoryBudgetMb: expect('memoryBudgetMb'),
    ...(camera === undefined ? {} : { camera }),
    notes: find('notes') ?? [],
    verified: own.verified,
  };
}

/** The profile and those that it extends, nearest first. Throws code `input` for an unknown name or a circle. */
export function lineage(
  id: string,
  stored: ReadonlyMap<string, StoredProfile>,
  where: string,
): readonly StoredProfile[] {
  const ids: string[] = [];
  const chain: StoredProfile[] = [];
  for (let next: string | undefined = id; next !== undefined; next = chain.at(-1)?.extends) {
    if (ids.includes(next)) {
      const circle = [...ids, next].join(' -> ');
      throw new ResedgeError(
        'input',
        `${where}: expected at extends a profile that does not lead back, came ${circle}: give it an id of its own, or extend another`,
      );
    }
    const profile = stored.get(next);
    if (profile === undefined) {
      const known = [...stored.keys()].filter((name) => name !== id).join(', ');
      throw new ResedgeError('input', `${where}: expected at extends one of ${known}, received "${next}"`);
    }
    ids.push(next);
    chain.push(profile);
  }
  return chain;
}
