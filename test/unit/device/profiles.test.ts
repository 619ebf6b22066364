import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseProfile } from '../../../src/device/choose.ts';
import { parseProfile, profileJsonSchema } from '../../../src/device/parse.ts';
import { BACKENDS, type BackendName, PROVIDERS, type ProviderName } from '../../../src/device/profile.ts';
import { resolveProfile } from '../../../src/device/resolve.ts';
import { bundledProfiles, DEVICES_FOLDER } from '../../../src/node/device/bundled.ts';
import type { Backend, Provider } from '../../../src/runtime/types.ts';
import { MACHINES } from './boards.ts';

const read = (file: string): string => readFileSync(new URL(file, DEVICES_FOLDER), 'utf8');
const stored = bundledProfiles();
const ids = [...stored.keys()];

describe('the bundled profiles', () => {
  it('are all there', () => {
    expect(ids).toEqual(Object.keys(MACHINES).sort());
    expect(readdirSync(DEVICES_FOLDER)).toHaveLength(ids.length + 1);
  });

  it.each(ids)('%s is valid, whole, and named as its file', (id) => {
    expect(parseProfile(read(`${id}.json`), id)).toMatchObject({ id });
    expect(resolveProfile(id, stored).providers.length).toBeGreaterThan(0);
  });

  it('have the schema that the parser enforces', () => {
    expect(JSON.parse(read('schema.json'))).toEqual(profileJsonSchema());
  });

  it('name providers and backends as the runtime does', () => {
    const providers: readonly Provider[] = PROVIDERS satisfies readonly Provider[];
    const back: readonly ProviderName[] = providers satisfies readonly ProviderName[];
    const backends: readonly BackendName[] = BACKENDS satisfies readonly Backend['name'][];
    expect(back).toHaveLength(8);
    expect(backends).toHaveLength(2);
  });

  it.each(Object.entries(MACHINES))('%s is chosen for its machine', (id, facts) => {
    const { profile, why } = chooseProfile([...stored.values()], facts, 'browser-wasm');
    expect(profile.id).toBe(id);
    expect(why.length).toBeGreaterThan(0);
  });

  it('are chosen whatever their order', () => {
    for (const [id, facts] of Object.entries(MACHINES))
      expect(chooseProfile([...stored.values()].reverse(), facts, 'browser-wasm').profile.id).toBe(id);
  });

  it('use the full range of u8s8 only where accumulators are exact', () => {
    for (const id of ids) {
      const { scheme, detect } = resolveProfile(id, stored);
      const mayClip = detect.arch === 'x64' && detect.cpuFeatures === undefined;
      expect(scheme === 'u8s8').toBe(!mayClip);
    }
  });
});
