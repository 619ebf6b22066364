import { ResedgeError } from '../errors.ts';
import type { DeviceProfile, Inherited, StoredProfile } from './profile.ts';

/** Longest chain of `extends`. */
const MAX_DEPTH = 8;

function expectField<T>(value: T | undefined, field: string, id: string): T {
  if (value !== undefined) return value;
  throw new ResedgeError('input', `expected ${field} in profile ${id} or one that it extends, there is none: add it`);
}

/**
 * A whole profile: what it leaves out comes from the profile that it extends, up to MAX_DEPTH of them. `detect` and `verified` are
 * never inherited. Throws code `input` for an unknown name, a chain without end, or a field that nobody states.
 */
export function resolveProfile(id: string, stored: ReadonlyMap<string, StoredProfile>): DeviceProfile {
  const own = stored.get(id);
  if (own === undefined)
    throw new ResedgeError(
      'input',
      `expected a device profile among ${[...stored.keys()].join(', ')}, came ${id}: choose one of these`,
    );
  const chain = [own];
  for (let next = own.extends; next !== undefined; ) {
    const base = stored.get(next);
    if (base === undefined)
      throw new ResedgeError('input', `expected profile ${next}, which ${id} extends, there is none: name another`);
    if (chain.length === MAX_DEPTH)
      throw new ResedgeError(
        'input',
        `expected ${id} to extend at most ${MAX_DEPTH - 1} others, it has more: shorten the chain`,
      );
    chain.push(base);
    next = base.extends;
  }
  const find = <K extends Inherited>(key: K): StoredProfile[K] | undefined =>
    chain.find((profile) => profile[key] !== undefined)?.[key];
  const camera = find('camera');
  return {
    id,
    name: own.name,
    detect: own.detect,
    providers: expectField(find('providers'), 'providers', id),
    scheme: expectField(find('scheme'), 'scheme', id),
    precision: expectField(find('precision'), 'precision', id),
    threads: expectField(find('threads'), 'threads', id),
    spinning: expectField(find('spinning'), 'spinning', id),
    ...(camera === undefined ? {} : { camera }),
    verified: own.verified,
  };
}
