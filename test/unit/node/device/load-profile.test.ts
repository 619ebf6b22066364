import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadProfile } from '../../../../src/node/device/load-profile.ts';
import { DEVICE_VARIABLE, quickProfile } from '../../../../src/node/device/quick-profile.ts';
import { folderWith } from '../folder.ts';

const file = (profile: unknown): string => join(folderWith({ 'mine.json': JSON.stringify(profile) }), 'mine.json');

describe('loadProfile', () => {
  it('takes a file that changes a bundled profile', () => {
    const mine = loadProfile(file({ id: 'mine', extends: 'raspberry-pi-4', threads: 2 }));
    expect(mine).toMatchObject({ id: 'mine', threads: 2, camera: { source: 'rpicam' }, detect: {} });
    expect(mine.providers).toEqual(loadProfile('raspberry-pi-4').providers);
    expect(mine.verified.how).toBe('not run');
  });

  it.each([
    [{ id: 'mine', extends: 'mine' }, /mine\.json: expected at extends .* mine -> mine/],
    [{ id: 'generic-arm64', extends: 'raspberry-pi-4' }, /generic-arm64 -> raspberry-pi-4 -> generic-arm64/],
    [
      { id: 'mine', extends: 'raspberry-pi-6' },
      /mine\.json: expected at extends one of .*raspberry-pi-5.*"raspberry-pi-6"/,
    ],
    [{ id: 'mine' }, /mine\.json: expected providers in it or in a profile that it extends/],
  ])('refuses %j in one line that names the file', (profile, says) => {
    expect(() => loadProfile(file(profile))).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringMatching(says) }),
    );
  });

  it('says which file cannot be read', () => {
    const folder = folderWith();
    expect(() => loadProfile(join(folder, 'none.json'))).toThrow(/none\.json: expected a device profile, no such file/);
    expect(() => loadProfile('abacus')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('quickProfile', () => {
  const named = (value: string): void => {
    process.env[DEVICE_VARIABLE] = value;
    onTestFinished(() => {
      delete process.env[DEVICE_VARIABLE];
    });
  };

  it('takes the profile that the environment names, by id or as a file', async () => {
    named('rk3588');
    expect(await quickProfile()).toMatchObject({ profile: { id: 'rk3588' }, why: [`${DEVICE_VARIABLE} names rk3588`] });
    named(file({ id: 'mine', extends: 'rk3588' }));
    expect(await quickProfile()).toMatchObject({ profile: { id: 'mine', threads: 4 } });
  });

  it('says that the environment is at fault', async () => {
    named('abacus');
    await expect(quickProfile()).rejects.toThrow(
      /^RESEDGE_DEVICE: expected a device profile among .* received abacus$/,
    );
  });
});
