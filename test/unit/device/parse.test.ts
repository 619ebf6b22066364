import { describe, expect, it } from 'vitest';
import { parseProfile } from '../../../src/device/parse.ts';
import type { StoredProfile } from '../../../src/device/profile.ts';
import { resolveProfile } from '../../../src/device/resolve.ts';

const base: StoredProfile = {
  id: 'base',
  name: 'Base',
  detect: { arch: 'arm64' },
  providers: [{ provider: 'cpu', backend: 'onnxruntime-node', precision: 'int8', scheme: 'u8s8' }],
  precision: 'int8',
  scheme: 'u8s8',
  threads: 2,
  spinning: false,
  memoryBudgetMb: 64,
  notes: ['mind the gap'],
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

  it('is content with an id and what it changes', () => {
    const { verified, ...rest } = parseProfile('{"id": "mine", "extends": "base", "threads": 1}', 'mine.json');
    expect(rest).toEqual({ id: 'mine', name: 'mine', extends: 'base', threads: 1, detect: {} });
    expect(verified).toEqual({ how: 'not run', what: 'a profile of your own', where: 'mine.json' });
  });

  const cpu = base.providers?.[0];
  const faults: readonly { readonly name: string; readonly text: string; readonly says: RegExp }[] = [
    { name: 'no JSON', text: '{', says: /^x\.json: expected a device profile as JSON, / },
    { name: 'a list', text: '[]', says: /^x\.json: expected object at its top, received \[\]: / },
    {
      name: 'an unknown key',
      text: JSON.stringify({ ...base, thread: 4 }),
      says: /^x\.json: expected the keys of a device profile at its top, found "thread": mind the spelling/,
    },
    {
      name: 'an unknown key of a provider',
      text: JSON.stringify({ ...base, providers: [{ ...cpu, optoins: {} }] }),
      says: /at providers\.0, found "optoins"/,
    },
    {
      name: 'an unknown provider',
      text: JSON.stringify({ ...base, providers: [{ ...cpu, provider: 'gpu' }] }),
      says: /^x\.json: expected one of "cpu"\|"wasm"\|.* at providers\.0\.provider, received "gpu": see/,
    },
    {
      name: 'an unknown scheme',
      text: JSON.stringify({ ...base, scheme: 'u4' }),
      says: /^x\.json: expected one of "u8s8-safe"\|.* at scheme, received "u4": see/,
    },
    {
      name: 'a negative number of threads',
      text: JSON.stringify({ ...base, threads: -1 }),
      says: /^x\.json: expected number to be >=0 at threads, received -1: see/,
    },
    { name: 'too many threads', text: JSON.stringify({ ...base, threads: 1e6 }), says: /at threads, received 1000000/ },
    { name: 'half a thread', text: JSON.stringify({ ...base, threads: 0.5 }), says: /at threads, received 0\.5/ },
    { name: 'a path as id', text: JSON.stringify({ ...base, id: '../x' }), says: /at id, received "\.\.\/x"/ },
    { name: 'no id', text: '{"name": "x"}', says: /^x\.json: expected string at id, received nothing/ },
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
      memoryBudgetMb: 64,
      notes: ['mind the gap'],
      verified: own.verified,
    });
  });

  it.each([
    {
      name: 'an unknown base',
      id: 'child',
      profiles: mapOf(child, { ...base, id: 'other' }),
      says: /^child\.json: expected at extends one of other, received "base"$/,
    },
    {
      name: 'a circle',
      id: 'base',
      profiles: mapOf({ ...base, extends: 'child' }, child),
      says: /^base\.json: expected at extends .*, came base -> child -> base: /,
    },
    {
      name: 'one that extends itself',
      id: 'base',
      profiles: mapOf({ ...base, extends: 'base' }),
      says: /came base -> base: give it an id of its own/,
    },
    {
      name: 'a field that nobody states',
      id: 'child',
      profiles: mapOf({ ...base, scheme: undefined }, child),
      says: /^child\.json: expected scheme in it or in a profile that it extends/,
    },
  ])('refuses $name', ({ id, profiles, says }) => {
    expect(() => resolveProfile(id, profiles, `${id}.json`)).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringMatching(says) }),
    );
  });
});
