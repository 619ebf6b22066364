import type { MachineFacts } from '../../../src/device/choose.ts';

const arm = ['asimd', 'fphp', 'asimdhp', 'asimddp'];

/** What machines say of themselves, as far as profiles look at it. */
export const MACHINES: Readonly<Record<string, MachineFacts>> = {
  'x64-vnni': { arch: 'x64', cpuFeatures: ['avx2', 'avx512f', 'avx512_vnni'], compatible: [] },
  'generic-x64': { arch: 'x64', cpuFeatures: ['avx', 'avx2', 'fma'], compatible: [] },
  'generic-arm64': { arch: 'arm64', cpuFeatures: arm, compatible: ['radxa,rock-5b', 'rockchip,rk3588'] },
  'raspberry-pi-4': { arch: 'arm64', cpuFeatures: ['asimd'], compatible: ['raspberrypi,4-model-b', 'brcm,bcm2711'] },
  'raspberry-pi-5': { arch: 'arm64', cpuFeatures: arm, compatible: ['raspberrypi,5-model-b', 'brcm,bcm2712'] },
  'jetson-orin-nano': {
    arch: 'arm64',
    cpuFeatures: arm,
    compatible: ['nvidia,p3768-0000+p3767-0005', 'nvidia,p3767-0005', 'nvidia,tegra234'],
  },
  'browser-wasm': { arch: 'riscv64', cpuFeatures: [], compatible: [] },
};
