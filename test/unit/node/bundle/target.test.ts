import { describe, expect, test } from 'vitest';
import { planTarget, type TargetWishes } from '../../../../src/node/bundle/target.ts';
import { folderWith } from '../folder.ts';

const wishes = (device: string, more: Partial<TargetWishes> = {}): TargetWishes => {
  return { device, libc: 'glibc', docker: false, ...more };
};

function own(profile: Readonly<Record<string, unknown>>): string {
  return `${folderWith({ 'own.json': JSON.stringify({ id: 'own', ...profile }) })}/own.json`;
}

describe('a bundle computes', () => {
  test.each([
    ['raspberry-pi-5', 'linux', 'arm64', ['cpu']],
    ['x64-cuda', 'linux', 'x64', ['cuda', 'cpu']],
    ['apple-silicon', 'darwin', 'arm64', ['coreml', 'cpu']],
    ['windows-dml', 'win32', 'x64', ['dml', 'cpu']],
  ])('natively on %s', (device, platform, arch, providers) => {
    const target = planTarget(wishes(device));
    expect(target).toMatchObject({ platform, arch, runtime: { kind: 'native' } });
    expect(target.profile.providers.map(({ provider }) => provider)).toEqual(expect.arrayContaining(providers));
    for (const { backend } of target.profile.providers) expect(backend).toBe('onnxruntime-node');
  });

  test.each([
    ['where the system is too old', wishes('jetson-nano'), /glibc 2\.27/],
    ['where the C library is musl', wishes('raspberry-pi-4', { libc: 'musl' }), /musl/],
  ])('in WebAssembly %s', (_, asked, why) => {
    const { runtime, profile } = planTarget(asked);
    expect(runtime).toEqual({ kind: 'wasm', why: expect.stringMatching(why) });
    expect(profile.providers).toMatchObject([{ provider: 'wasm', backend: 'onnxruntime-web' }]);
  });

  test('natively in a container, whatever the system around it', () => {
    expect(planTarget(wishes('jetson-nano', { docker: true })).runtime).toEqual({ kind: 'native' });
  });

  test("as the profile does that a user's own one extends", () => {
    const target = planTarget(wishes(own({ extends: 'jetson-nano', threads: 2 })));
    expect(target).toMatchObject({ arch: 'arm64', runtime: { kind: 'wasm' }, profile: { id: 'own', threads: 2 } });
  });
});

test.each<readonly [string, () => TargetWishes, RegExp]>([
  ["a browser's profile", () => wishes('browser-webgpu'), /expected the profile of a device that runs Node\.js/],
  ['an unknown profile', () => wishes('raspberry-pi-9'), /expected a device profile among .*received raspberry-pi-9/],
  [
    'a profile without an architecture',
    () => wishes(own({ ...BARE })),
    /expected the architecture of .*own\.json.*give detect\.arch/,
  ],
  ['Docker for Windows', () => wishes('windows-dml', { docker: true }), /--docker belongs to Linux.*win32/],
  ['musl for a Mac', () => wishes('apple-silicon', { libc: 'musl' }), /--libc musl belongs to Linux.*darwin/],
  ['musl in the container', () => wishes('raspberry-pi-4', { libc: 'musl', docker: true }), /leave out --libc musl/],
])('%s is refused', (_, asked, says) => {
  expect(() => planTarget(asked())).toThrow(says);
});

const BARE = {
  providers: [{ provider: 'cpu', backend: 'onnxruntime-node', precision: 'int8', scheme: 'u8s8' }],
  ...{ precision: 'int8', scheme: 'u8s8', threads: 1, spinning: false, memoryBudgetMb: 256 },
};
