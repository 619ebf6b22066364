import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseProfile } from '../../../src/device/choose.ts';
import { parseProfile, profileJsonSchema } from '../../../src/device/parse.ts';
import { BACKENDS, type BackendName, PROVIDERS, type ProviderName } from '../../../src/device/profile.ts';
import { resolveProfile } from '../../../src/device/resolve.ts';
import { refusal } from '../../../src/device/runs.ts';
import { bundledProfiles, DEVICES_FOLDER } from '../../../src/node/device/bundled.ts';
import type { Backend, Provider } from '../../../src/runtime/types.ts';
import { BOARD_NAMES, BOARDS, BOARDS_FOLDER, OTHERS, readBoard } from './boards.ts';

const read = (file: string): string => readFileSync(new URL(file, DEVICES_FOLDER), 'utf8');
const stored = bundledProfiles();
const ids = [...stored.keys()];
const choose = (facts: (typeof OTHERS)[string], profiles = [...stored.values()]) =>
  chooseProfile(profiles, facts, 'browser-wasm');

describe('the bundled profiles', () => {
  it('are all there, each with a machine that it is for', () => {
    expect(new Set(ids)).toEqual(new Set([...BOARD_NAMES.map((name) => BOARDS[name].profile), ...Object.keys(OTHERS)]));
    expect(readdirSync(DEVICES_FOLDER)).toHaveLength(ids.length + 1);
    expect(readdirSync(BOARDS_FOLDER).filter((name) => name !== 'README.md')).toEqual([...BOARD_NAMES].sort());
  });

  it.each(ids)('%s is valid, whole, named as its file, and says what was verified', (id) => {
    expect(parseProfile(read(`${id}.json`), id)).toMatchObject({ id });
    const own = JSON.parse(read(`${id}.json`));
    expect([own.name, own.detect, own.verified.how]).toEqual([
      expect.any(String),
      expect.any(Object),
      expect.stringMatching(/^(run|emulated|not run)$/),
    ]);
    expect(resolveProfile(id, stored).camera).toBeDefined();
  });

  it.each(ids)('%s names a file that its first provider, and one that every provider of it runs', (id) => {
    const { providers, precision, scheme } = resolveProfile(id, stored);
    expect(refusal(providers[0]!.provider, { precision, scheme })).toBeUndefined();
    for (const { provider, ...file } of providers) {
      expect(refusal(provider, file)).toBeUndefined();
      expect(file.scheme !== undefined).toBe(file.precision === 'int8');
    }
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

  it('use the full range of u8s8 on a CPU only where accumulators are exact', () => {
    for (const id of ids) {
      const { providers, detect } = resolveProfile(id, stored);
      const mayClip = detect.arch !== 'arm64' && detect.cpuFeatures === undefined;
      const cpu = providers.find(({ provider }) => provider === 'cpu');
      if (cpu !== undefined) expect([id, cpu.scheme]).toEqual([id, mayClip ? 'u8s8-safe' : 'u8s8']);
    }
  });
});

describe('chooseProfile', () => {
  it.each(BOARD_NAMES)('knows the machine %s, whatever the order of profiles', (name) => {
    const facts = readBoard(name);
    const { profile, why } = choose(facts);
    expect(profile.id).toBe(BOARDS[name].profile);
    expect(why.length).toBeGreaterThan(0);
    expect(choose(facts, [...stored.values()].reverse()).profile.id).toBe(profile.id);
  });

  it.each(Object.entries(OTHERS))('chooses %s', (id, facts) => {
    expect(choose(facts).profile.id).toBe(id);
    expect(choose(facts, [...stored.values()].reverse()).profile.id).toBe(id);
  });

  it.each([
    ['nvidia,p3768-0000+p3767-0005-super', 'jetson-orin-nano'],
    ['nvidia,p3768-0000+p3767-0001', 'jetson-orin-nano'],
    ['nvidia,p3737-0000+p3701-0005', 'jetson-agx-orin'],
    ['nvidia,p3509-0000+p3668-0001', 'jetson-xavier-nx'],
    ['nvidia,p3542-0000+p3448-0003', 'jetson-nano'],
    ['nvidia,p3450-0000', 'jetson-nano'],
    ['raspberrypi,3-model-b-plus', 'raspberry-pi-3'],
    ['raspberrypi,400', 'raspberry-pi-4'],
    ['raspberrypi,500', 'raspberry-pi-5'],
    ['rockchip,rk3588s', 'rk3588'],
    ['rockchip,rk3568', 'generic-arm64'],
    ['nvidia,p2822-0000+p2888-0001', 'generic-arm64'],
  ])('reads %s as %s', (compatible, id) => {
    const facts = { ...OTHERS['apple-silicon']!, platform: 'linux', compatible: [compatible] };
    expect(choose(facts).profile.id).toBe(id);
  });

  it('falls back where nothing fits, and says so', () => {
    const facts = { ...OTHERS['apple-silicon']!, arch: 'riscv64', platform: 'linux' };
    expect(choose(facts)).toMatchObject({
      profile: { id: 'browser-wasm' },
      why: ['no profile for architecture riscv64'],
    });
  });
});
