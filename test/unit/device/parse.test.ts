import { describe, expect, it } from 'vitest';
import { parseProfile } from '../../../src/device/parse.ts';
import type { StoredProfile } from '../../../src/device/profile.ts';
import { resolveProfile } from '../../../src/device/resolve.ts';

const base: StoredProfile = {
  id: 'base',
  name: 'Base',
  detect: { arch: 'arm64' },
  providers: [{ provider: 'cpu', backend: 'onnxruntime-node' }],
  scheme: 'u8s8',
  precision: 'int8',
  threads: 2,
  spinning: false,
  verified: { how: 'not run', what: 'nothing', where: 'nowhere' },
};
const child: StoredProfile = {
  id: 'child',
  name: 'Child',
  detect: {},
  extends: 'base',
  threads: 4,
  verified: base.verified,
};
const mapOf = (...profiles: readonly StoredProfile[]): ReadonlyMap<string, StoredProfile> =>
  new Map(profiles.map((profile) => [profile.id, profile]));

describe('parseProfile', () => {
  it('reads what it is given', () => {
    expect(parseProfile(JSON.stringify({ $schema: './schema.json', ...child }), 'child.json')).toEqual(child);
  });

  const faults: readonly { readonly name: string; readonly text: string; readonly says: RegExp }[] = [
    { name: 'no JSON', text: '{', says: /expected JSON in x\.json/ },
    { name: 'a list', text: '[]', says: /x\.json, at its top/ },
    { name: 'an unknown field', text: JSON.stringify({ ...base, thread: 4 }), says: /thread/ },
    {
      name: 'an unknown provider',
      text: JSON.stringify({ ...base, providers: [{ provider: 'gpu', backend: 'onnxruntime-node' }] }),
      says: /providers\.0\.provider/,
    },
    { name: 'an unknown scheme', text: JSON.stringify({ ...base, scheme: 'u4' }), says: /scheme/ },
    { name: 'too many threads', text: JSON.stringify({ ...base, threads: 1e6 }), says: /threads/ },
    { name: 'a path as id', text: JSON.stringify({ ...base, id: '../x' }), says: /at id/ },
    { name: 'no word on verification', text: JSON.stringify({ ...base, verified: undefined }), says: /verified/ },
  ];
  it.each(faults)('refuses $name in one line', ({ text, says }) => {
    expect(() => parseProfile(text, 'x.json')).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringMatching(says) }),
    );
    expect(() => parseProfile(text, 'x.json')).toThrow(/^[^\n]*$/);
  });
});

describe('resolveProfile', () => {
  it('inherits what is left out, and neither hints nor verification', () => {
    const own = { ...child, verified: { how: 'run', what: 'all', where: 'here' } } as const;
    expect(resolveProfile('child', mapOf(base, own))).toEqual({
      id: 'child',
      name: 'Child',
      detect: {},
      providers: base.providers,
      scheme: 'u8s8',
      precision: 'int8',
      threads: 4,
      spinning: false,
      verified: own.verified,
    });
  });

  it.each([
    { name: 'an unknown profile', id: 'none', profiles: mapOf(base), says: /among base, came none/ },
    { name: 'an unknown base', id: 'child', profiles: mapOf(child), says: /expected profile base/ },
    { name: 'a circle', id: 'base', profiles: mapOf({ ...base, extends: 'child' }, child), says: /at most 7 others/ },
    {
      name: 'a field that nobody states',
      id: 'child',
      profiles: mapOf({ ...base, scheme: undefined }, child),
      says: /expected scheme/,
    },
  ])('refuses $name', ({ id, profiles, says }) => {
    expect(() => resolveProfile(id, profiles)).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringMatching(says) }),
    );
  });
});
