import { join } from 'node:path';
import { type Machine, peersFolder, repositoryFolder } from './machine.ts';

/** The machine that the tests themselves run on. */
export const native: Machine = { name: 'this machine', command: [process.execPath], packages: repositoryFolder };

/** x86-64 with AVX2 and without VNNI: ONNX Runtime's U8S8 kernels add pairs of products in int16 and saturate. */
export const avx2: Machine = {
  name: 'x86-64 with AVX2',
  // Haswell, less what the emulator would warn of.
  command: [
    '/usr/bin/qemu-x86_64-static',
    '-cpu',
    'Haswell-noTSX,-pcid,-x2apic,-tsc-deadline,-invpcid',
    process.execPath,
  ],
  packages: repositoryFolder,
};

/** Raspberry Pi 4's core: Armv8.0, no dot products. */
export const cortexA72: Machine = arm64('cortex-a72');

/** Raspberry Pi 5's core: Armv8.2 with int8 dot products and half precision. */
export const cortexA76: Machine = arm64('cortex-a76');

function arm64(core: 'cortex-a72' | 'cortex-a76'): Machine {
  const folder = join(peersFolder, 'arm64');
  return {
    name: core,
    command: [
      '/usr/bin/qemu-aarch64-static',
      '-cpu',
      core,
      '-L',
      join(folder, `root-${core}`),
      join(folder, 'node/bin/node'),
    ],
    packages: join(folder, 'app'),
  };
}
