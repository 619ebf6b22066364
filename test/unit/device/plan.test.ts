import { describe, expect, it } from 'vitest';
import { accumulatorHazard, hazardWarning } from '../../../src/device/hazard.ts';
import { plan } from '../../../src/device/plan.ts';
import { resolveProfile } from '../../../src/device/resolve.ts';
import { isChoosy } from '../../../src/device/runs.ts';
import { threadsWithin } from '../../../src/device/threads.ts';
import { bundledProfiles } from '../../../src/node/device/bundled.ts';
import { type BoardName, readBoard } from './boards.ts';

const bundled = (id: string) => resolveProfile(id, bundledProfiles());
const cuda = bundled('x64-cuda');

describe('plan', () => {
  it('keeps the order, drops what is absent, and says why', () => {
    const { candidates, skipped } = plan(cuda, [
      { name: 'cuda', available: true, reason: '' },
      { name: 'tensorrt', available: false, reason: 'no library' },
    ]);
    expect(skipped).toEqual([{ provider: 'tensorrt', backend: 'onnxruntime-node', reason: 'no library' }]);
    expect(candidates).toEqual([
      {
        ...{ provider: 'cuda', backend: 'onnxruntime-node', threads: 0, spinning: true },
        ...{ precision: 'fp16', scheme: undefined, providerOptions: {}, memoryBudgetMb: 8192 },
        why: 'choice 2 of x64-cuda, available',
      },
      expect.objectContaining({ provider: 'cpu', precision: 'int8', scheme: 'u8s8-safe' }),
      expect.objectContaining({ provider: 'wasm', why: 'choice 4 of x64-cuda, not asked whether available' }),
    ]);
  });

  it('hands on the options of a provider', () => {
    const npu = plan(bundled('browser-webnn-npu'), []).candidates[0];
    expect(npu).toMatchObject({ provider: 'webnn', providerOptions: { deviceType: 'npu' } });
    expect(plan(bundled('apple-silicon'), []).candidates[0]?.providerOptions).toEqual({ coreMlFlags: 20 });
  });

  it.each([
    {
      model: { precision: 'int8', scheme: 's8s8' },
      runs: ['tensorrt', 'cpu', 'wasm'],
      says: /^cuda runs fp16 and fp32, not int8: .*--precision fp16$/,
    },
    {
      model: { precision: 'int8', scheme: 'u8s8' },
      runs: ['cpu', 'wasm'],
      says: /^tensorrt runs int8 of scheme s8s8, not u8s8: .*--scheme s8s8$/,
    },
    { model: { precision: 'fp16' }, runs: ['tensorrt', 'cuda', 'cpu', 'wasm'], says: undefined },
    { model: { precision: 'fp32', scheme: null }, runs: ['tensorrt', 'cuda', 'cpu', 'wasm'], says: undefined },
  ] as const)('passes over what cannot run $model', ({ model, runs, says }) => {
    const { candidates, skipped } = plan(cuda, [], { model });
    expect(candidates.map(({ provider }) => provider)).toEqual(runs);
    expect(skipped[0]?.reason).toEqual(says === undefined ? undefined : expect.stringMatching(says));
  });

  it.each([
    ['coreml', 'apple-silicon'],
    ['webgpu', 'browser-webgpu'],
  ])('gives an INT8 file to the CPU instead of %s', (provider, id) => {
    const { candidates, skipped } = plan(bundled(id), [], { model: { precision: 'int8', scheme: 'u8s8' } });
    expect(skipped).toEqual([expect.objectContaining({ provider, reason: expect.stringContaining('not int8') })]);
    expect(candidates[0]?.provider).toMatch(/^(cpu|wasm)$/);
    expect(isChoosy(skipped[0]!.provider)).toBe(true);
    expect(isChoosy(candidates[0]!.provider)).toBe(false);
  });

  it.each([
    { board: 'raspberry-pi-zero-2w', id: 'raspberry-pi-zero-2w', threads: 4, spinning: false, memoryBudgetMb: 180 },
    { board: 'rk3588', id: 'rk3588', threads: 4, spinning: false, memoryBudgetMb: 2048 },
    { board: 'rk3588', id: 'generic-arm64', threads: 4, spinning: false, memoryBudgetMb: 1024 },
    { board: 'apple-m1', id: 'generic-arm64', threads: 4, spinning: false, memoryBudgetMb: 1024 },
    { board: 'jetson-orin-nano', id: 'jetson-orin-nano', threads: 6, spinning: false, memoryBudgetMb: 2048 },
    { board: 'jetson-agx-orin', id: 'jetson-agx-orin', threads: 8, spinning: false, memoryBudgetMb: 8192 },
    { board: 'x64-avx2', id: 'generic-x64', threads: 0, spinning: true, memoryBudgetMb: 4096 },
    { board: 'container-v2', id: 'generic-x64', threads: 1, spinning: false, memoryBudgetMb: 512 },
    { board: 'container-v1', id: 'generic-x64', threads: 4, spinning: false, memoryBudgetMb: 256 },
  ] as const satisfies readonly {
    board: BoardName;
    id: string;
    threads: number;
    spinning: boolean;
    memoryBudgetMb: number;
  }[])('heeds what $board grants', ({ board, id, ...planned }) => {
    expect(plan(bundled(id), [], { machine: readBoard(board) }).candidates[0]).toMatchObject(planned);
  });
});

describe('threadsWithin', () => {
  const whole = { online: 8, cores: 8, performanceCores: 8 };
  it.each([
    { name: 'the backend chooses where nothing is held back', wanted: 0, cpu: whole, threads: 0 },
    { name: 'what is wanted', wanted: 3, cpu: whole, threads: 3 },
    { name: 'no more than there are', wanted: 16, cpu: whole, threads: 8 },
    { name: 'only the processors of this process', wanted: 0, cpu: { ...whole, cores: 2 }, threads: 2 },
    { name: 'no efficiency cores', wanted: 0, cpu: { ...whole, performanceCores: 4 }, threads: 4 },
    { name: 'a quota, rounded down', wanted: 0, cpu: { ...whole, cpuQuota: 2.9 }, threads: 2 },
    { name: 'a thread even for half a processor', wanted: 4, cpu: { ...whole, cpuQuota: 0.5 }, threads: 1 },
  ])('$name', ({ wanted, cpu, threads }) => {
    expect(threadsWithin(wanted, cpu)).toBe(threads);
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
