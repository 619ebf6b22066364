import { describe, expect, it } from 'vitest';
import { findLibraries } from '../../../../src/node/device/accelerators.ts';
import { type Machine, readMachine } from '../../../../src/node/device/machine.ts';
import { treeAt } from '../../../../src/node/device/tree.ts';
import { BOARDS_FOLDER, type BoardName, readBoard } from '../../device/boards.ts';
import { folderWith } from '../folder.ts';

const dot = ['asimd', 'fphp', 'asimdhp', 'asimddp'];
const avx2 = ['sse4_1', 'avx', 'avx2', 'fma', 'f16c'];
const zen4 = [...avx2, 'avx512f', 'avx512bw', 'avx512_vnni', 'avx512_bf16'];
const amx = [...avx2, 'avx_vnni', ...zen4.slice(avx2.length), 'amx_tile', 'amx_int8'];
const rk3588 = '4 x Cortex-A76, 4 x Cortex-A55';
const m1 = '4 x Apple M1 Firestorm, 4 x Apple M1 Icestorm';

type Row = readonly [BoardName, string, readonly string[], number, number, readonly string[]];

describe('readMachine', () => {
  it.each<Row>([
    ['raspberry-pi-zero-2w', 'Cortex-A53', ['asimd'], 4, 4, ['gpu']],
    ['raspberry-pi-3', 'Cortex-A53', ['asimd'], 4, 4, ['gpu']],
    ['raspberry-pi-4', 'Cortex-A72', ['asimd'], 4, 4, ['edge-tpu', 'gpu']],
    ['raspberry-pi-5', 'Cortex-A76', dot, 4, 4, ['hailo', 'gpu']],
    ['jetson-nano', 'Cortex-A57', ['asimd'], 4, 4, ['nvidia']],
    ['jetson-xavier-nx', 'NVIDIA Carmel', ['asimd', 'fphp', 'asimdhp'], 6, 6, ['nvidia']],
    ['jetson-orin-nano', 'Cortex-A78AE', dot, 6, 6, ['nvidia']],
    ['jetson-agx-orin', 'Cortex-A78AE', dot, 12, 12, ['nvidia']],
    ['rk3588', rk3588, dot, 8, 4, ['gpu', 'rockchip-npu']],
    ['apple-m1', m1, dot, 8, 4, ['gpu']],
    ['x64-avx2', 'Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz', avx2, 8, 8, ['gpu']],
    ['x64-vnni', 'AMD EPYC', zen4, 2, 2, []],
    ['x64-amx', 'Intel(R) Xeon(R) Platinum 8488C', amx, 8, 8, []],
    ['x64-cuda', 'Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz', avx2, 4, 4, ['nvidia']],
  ])('reads %s', (name, model, cpuFeatures, cores, performanceCores, accelerators) => {
    const found: Partial<Machine> = {
      model,
      cpuFeatures,
      cores,
      performanceCores,
      accelerators: accelerators as never,
    };
    expect(readBoard(name)).toMatchObject({ ...found, online: cores, cpuQuota: undefined, memoryLimited: false });
  });

  it('reads the board', () => {
    expect(readBoard('rk3588')).toMatchObject({
      board: 'Radxa ROCK 5B',
      compatible: ['radxa,rock-5b', 'rockchip,rk3588'],
      memoryMb: 15_730,
    });
    expect(readBoard('x64-avx2')).toMatchObject({ board: undefined, compatible: [] });
  });

  it.each<readonly [BoardName, Partial<Machine>]>([
    ['container-v2', { cpuQuota: 1.5, memoryMb: 512, memoryLimited: true }],
    ['container-v1', { cpuQuota: 4, memoryMb: 256, memoryLimited: true }],
  ])('heeds the control groups of %s, all those on the way to the top', (name, limits) => {
    expect(readBoard(name)).toMatchObject({ ...limits, online: 8, cores: 8 });
  });

  it.each([
    ['max 100000\n', undefined],
    ['50000 100000\n', 0.5],
    ['900000 100000\n', undefined],
    ['0 0\n', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ])('reads cpu.max %j', (text, cpuQuota) => {
    const root = folderWith({ 'sys/fs/cgroup/cpu.max': text });
    const host = {
      root,
      arch: 'x64',
      platform: 'linux',
      processors: () => Array(8).fill({ model: 'x' }),
      cores: 8,
      memoryBytes: 2 ** 30,
    };
    expect(readMachine(host).cpuQuota).toBe(cpuQuota);
  });

  it('does without /proc, /sys and /dev', () => {
    const root = `${folderWith()}/none`;
    const host = {
      root,
      arch: 'x64',
      platform: 'linux',
      processors: () => Array(8).fill({ model: 'A CPU' }),
      cores: 3,
      memoryBytes: 2 ** 31,
    };
    expect(readMachine(host)).toEqual({
      ...{ arch: 'x64', platform: 'linux', model: 'A CPU', cpuFeatures: [], compatible: [], accelerators: [], web: [] },
      ...{ board: undefined, online: 8, cores: 3, performanceCores: 8, cpuQuota: undefined },
      ...{ memoryMb: 2048, memoryLimited: false, seen: [] },
    });
  });

  it('reads this machine', () => {
    const { arch, cores, online, memoryMb } = readMachine();
    expect([arch, cores <= online, memoryMb > 100]).toEqual([process.arch, true, true]);
  });
});

describe('accelerators', () => {
  const seen = (name: BoardName) => findLibraries(treeAt(`${BOARDS_FOLDER}/${name}`), readBoard(name).seen);

  it('are said to be of use to the providers that can use them, if any', () => {
    expect(seen('rk3588')).toEqual([
      { id: 'gpu', name: 'GPU (panthor)', at: '/dev/dri/renderD128', libraries: [], usedBy: ['webgpu'] },
      { id: 'rockchip-npu', name: 'Rockchip NPU', at: '/dev/dri/renderD129', libraries: ['librknnrt.so'], usedBy: [] },
    ]);
    expect(seen('raspberry-pi-5')[0]).toEqual({
      ...{ id: 'hailo', name: 'Hailo NPU', at: '/dev/hailo0', libraries: ['libhailort.so.4.20.0'], usedBy: [] },
    });
    expect(seen('raspberry-pi-4')[0]).toMatchObject({ id: 'edge-tpu', at: 'USB 18d1:9302', usedBy: [] });
  });

  it.each<readonly [BoardName, string]>([
    ['x64-cuda', '/dev/nvidia0'],
    ['jetson-orin-nano', '/dev/nvhost-ctrl-gpu'],
  ])('come with the libraries of CUDA and TensorRT that are there: %s', (name, at) => {
    const libraries = ['libcuda.so.1', 'libnvinfer.so.10'];
    expect(seen(name)).toEqual([
      { id: 'nvidia', name: 'NVIDIA GPU', at, libraries: expect.anything(), usedBy: ['tensorrt', 'cuda'] },
    ]);
    expect([...seen(name)[0]!.libraries].sort()).toEqual(libraries);
  });

  it('may be a character device of the Rockchip NPU, a card, or any other NPU', () => {
    const root = folderWith({ 'dev/rknpu': '', 'dev/apex_0': '', 'dev/accel/accel0': '', 'dev/dri/card0': '' });
    const host = { root, arch: 'arm64', platform: 'linux', processors: () => [], cores: 1, memoryBytes: 0 };
    expect(readMachine(host).accelerators).toEqual(['rockchip-npu', 'edge-tpu', 'npu']);
  });
});
