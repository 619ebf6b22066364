import { describe, expect, it } from 'vitest';
import { accumulatorHazard, hazardWarning } from '../../../src/device/hazard.ts';
import { plan } from '../../../src/device/plan.ts';
import type { DeviceProfile } from '../../../src/device/profile.ts';

const profile: DeviceProfile = {
  id: 'board',
  name: 'Board',
  detect: {},
  providers: [
    { provider: 'tensorrt', backend: 'onnxruntime-node' },
    { provider: 'cpu', backend: 'onnxruntime-node' },
    { provider: 'wasm', backend: 'onnxruntime-web' },
  ],
  scheme: 's8s8',
  precision: 'int8',
  threads: 4,
  spinning: false,
  verified: { how: 'not run', what: 'nothing', where: 'nowhere' },
};

describe('plan', () => {
  it('keeps the order, drops what is absent, and says why', () => {
    const { candidates, skipped } = plan(profile, [
      { name: 'cpu', available: true, reason: '' },
      { name: 'tensorrt', available: false, reason: 'no library' },
    ]);
    expect(skipped).toEqual([{ provider: 'tensorrt', reason: 'no library' }]);
    expect(candidates).toEqual([
      {
        provider: 'cpu',
        backend: 'onnxruntime-node',
        threads: 4,
        spinning: false,
        why: 'choice 2 of board, available',
      },
      {
        provider: 'wasm',
        backend: 'onnxruntime-web',
        threads: 4,
        spinning: false,
        why: 'choice 3 of board, not asked whether available',
      },
    ]);
  });
});

describe('accumulatorHazard', () => {
  it.each([
    { arch: 'x64', features: ['avx2', 'fma'], hazard: 'pairs saturate' },
    { arch: 'x64', features: ['avx2', 'avx512f', 'avx512bw'], hazard: 'pairs saturate' },
    { arch: 'x64', features: [], hazard: 'pairs saturate' },
    { arch: 'x64', features: ['avx2', 'avx_vnni'], hazard: 'none' },
    { arch: 'x64', features: ['avx512f', 'avx512_vnni'], hazard: 'none' },
    { arch: 'arm64', features: ['asimd'], hazard: 'none' },
  ])('is $hazard on $arch with $features', ({ arch, features, hazard }) => {
    expect(accumulatorHazard(arch, features)).toBe(hazard);
  });

  it('warns of u8s8 on such a CPU alone', () => {
    expect(hazardWarning('u8s8', 'cpu', 'x64', ['avx2'])).toMatch(/--scheme u8s8-safe/);
    expect(hazardWarning('u8s8-safe', 'cpu', 'x64', ['avx2'])).toBeUndefined();
    expect(hazardWarning('u8s8', 'wasm', 'x64', ['avx2'])).toBeUndefined();
    expect(hazardWarning('u8s8', 'cpu', 'x64', ['avx2', 'avx_vnni'])).toBeUndefined();
    expect(hazardWarning('u8s8', 'cpu', 'arm64', [])).toBeUndefined();
  });
});
