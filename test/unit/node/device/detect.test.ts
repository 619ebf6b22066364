import { cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import { bundledProfiles } from '../../../../src/node/device/bundled.ts';
import { detectDevice } from '../../../../src/node/device/detect.ts';
import { quickProfile } from '../../../../src/node/device/quick-profile.ts';

describe('this machine', () => {
  it('has a profile, found for a reason', async () => {
    const { profile, why, machine } = await quickProfile();
    expect([...bundledProfiles().keys()]).toContain(profile.id);
    expect(why).not.toEqual([]);
    expect(machine.arch).toBe(process.arch);
    expect(machine.cores).toBeLessThanOrEqual(cpus().length);
  });

  it('is described in the shape of `devices detect --json`', async () => {
    const detected = await detectDevice();
    expect(Object.keys(detected)).toEqual(expect.arrayContaining(['profile', 'why', 'cpu', 'memoryMb', 'providers']));
    expect(detected.profile).toBe((await quickProfile()).profile.id);
    expect(Object.keys(detected.cpu)).toEqual(['model', 'features', 'cores', 'performanceCores']);
    expect(detected.planned.memoryBudgetMb).toBeLessThanOrEqual(detected.memoryMb);
    expect(detected.memoryMb).toBeGreaterThan(100);
    const byName = new Map(detected.providers.map((provider) => [provider.name, provider]));
    expect(byName.get('wasm')).toEqual({ name: 'wasm', available: true, reason: 'in onnxruntime-web' });
    expect([...byName.values()].filter(({ available, reason }) => !available && reason === '')).toEqual([]);
  });
});
