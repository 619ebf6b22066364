import { describe, expect, it } from 'vitest';
import { type Tree, treeAt } from '../../../../src/node/device/tree.ts';
import type { DoctorHost } from '../../../../src/node/doctor/host.ts';
import { atLeast, checkPlatform } from '../../../../src/node/doctor/platform.ts';

const host = (over: Partial<DoctorHost> = {}): DoctorHost => ({
  ...{ tree: treeAt('/nowhere'), platform: 'linux', arch: 'arm64', node: '20.20.2', glibc: '2.36' },
  run: async () => undefined,
  ...over,
});
const musl: Tree = { read: () => undefined, list: (folder) => (folder === 'lib' ? ['ld-musl-aarch64.so.1'] : []) };
const avx2 = { cpuFeatures: ['avx2'] };

describe('the platform', () => {
  it.each([host(), host({ arch: 'x64' }), host({ platform: 'darwin', glibc: undefined })])(
    'is fine: $platform $arch',
    (one) => {
      expect(checkPlatform(one, avx2).map(({ state }) => state)).not.toContain('broken');
    },
  );

  const cases: readonly {
    readonly name: string;
    readonly over: Partial<DoctorHost>;
    readonly says: RegExp;
    readonly way: RegExp;
  }[] = [
    {
      name: 'JetPack 4',
      over: { glibc: '2.27' },
      says: /glibc 2\.27, .*2\.28 or later \(JetPack 4/,
      way: /docker run .*onnxruntime-web/,
    },
    {
      name: 'musl',
      over: { glibc: undefined, tree: musl },
      says: /^musl,/,
      way: /docker run/,
    },
    {
      name: '32-bit Raspberry Pi OS',
      over: { arch: 'arm' },
      says: /linux arm, 32 bits/,
      way: /64-bit Raspberry Pi OS/,
    },
    {
      name: 'an Intel Mac',
      over: { platform: 'darwin', arch: 'x64', glibc: undefined },
      says: /darwin x64/,
      way: /onnxruntime-web/,
    },
    { name: 'an old Node', over: { node: '18.20.0' }, says: /18\.20\.0, 20\.19 or later/, way: /nvm/ },
  ];
  it.each(cases)('$name cannot work, and there is a way out', ({ over, says, way }) => {
    const broken = checkPlatform(host(over), avx2).filter(({ state }) => state === 'broken');
    expect(broken).toEqual([
      expect.objectContaining({ found: expect.stringMatching(says), mend: expect.stringMatching(way) }),
    ]);
  });

  it('is slow on an x64 without AVX2, where its features are known', () => {
    const names = (cpuFeatures: readonly string[]) =>
      checkPlatform(host({ arch: 'x64' }), { cpuFeatures }).map(({ found }) => found);
    expect(names(['sse4_1'])).toContainEqual(expect.stringContaining('no AVX2'));
    expect(names([])).not.toContainEqual(expect.stringContaining('no AVX2'));
  });

  it('compares versions by number', () => {
    expect([
      atLeast('2.28', '2.28'),
      atLeast('2.9', '2.28'),
      atLeast('3.0', '2.28'),
      atLeast('20.19.0', '20.19'),
    ]).toEqual([true, false, true, true]);
  });
});
