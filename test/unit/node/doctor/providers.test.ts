import { describe, expect, it } from 'vitest';
import { bundledProfiles } from '../../../../src/node/device/bundled.ts';
import { loadProfile } from '../../../../src/node/device/load-profile.ts';
import { thisHost } from '../../../../src/node/doctor/host.ts';
import { checkPrograms } from '../../../../src/node/doctor/programs.ts';
import { neededGroup } from '../../../../src/node/doctor/providers.ts';

describe('what a profile needs', () => {
  it.each([
    { device: 'raspberry-pi-5', needed: ['cpu'] },
    { device: 'x64-cuda', needed: ['tensorrt', 'cuda'] },
    { device: 'browser-wasm', needed: ['wasm'] },
  ])('$device', ({ device, needed }) => {
    expect([...neededGroup(loadProfile(device))].sort()).toEqual(needed.toSorted());
  });

  it('is something, whatever the profile', () => {
    for (const id of bundledProfiles().keys()) expect(neededGroup(loadProfile(id))).not.toEqual([]);
  });
});

describe('programs', () => {
  const host = (said: Readonly<Record<string, string>>) => ({ ...thisHost(), run: async (name: string) => said[name] });

  it('tell their versions, and a board its own', async () => {
    const said = {
      ffmpeg: 'ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026\n',
      'gst-launch-1.0': 'gst-launch-1.0 version 1.22.0\nGStreamer 1.22.0\n',
      'rpicam-vid': 'rpicam-apps build: v1.5.0 abc\nlibcamera build: v0.3.0\n',
    };
    const found = await checkPrograms(host(said), 'Raspberry Pi 5 Model B Rev 1.0');
    expect(found.map(({ found }) => found)).toEqual(['5.1.9-0+deb12u1', '1.22.0', 'v1.5.0']);
  });

  it('that are missing are no fault, and a command brings them', async () => {
    const found = await checkPrograms(host({}), 'a PC');
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual(['ffmpeg missing', 'gst-launch-1.0 missing']);
    expect(found.every(({ mend }) => mend?.startsWith('sudo apt-get install '))).toBe(true);
  });

  it('are run for real, and one that is not there gives nothing', async () => {
    const { run } = thisHost();
    expect(await run(process.execPath, ['--version'])).toBe(`${process.version}\n`);
    expect(await run('/nowhere/program', [])).toBeUndefined();
  });
});
