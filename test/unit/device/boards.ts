import { fileURLToPath } from 'node:url';
import type { MachineFacts } from '../../../src/device/choose.ts';
import { type Machine, readMachine } from '../../../src/node/device/machine.ts';

const FOLDER = new URL('../../golden/boards/', import.meta.url);

type Board = {
  readonly arch: 'x64' | 'arm64';
  readonly memoryMb: number;
  /** The profile that fits it. */
  readonly profile: string;
};

const arm = (memoryMb: number, profile: string): Board => ({ arch: 'arm64', memoryMb, profile });
const x64 = (memoryMb: number, profile: string): Board => ({ arch: 'x64', memoryMb, profile });

/** The recorded machines of test/golden/boards. */
export const BOARDS = {
  'raspberry-pi-zero-2w': arm(416, 'raspberry-pi-zero-2w'),
  'raspberry-pi-3': arm(906, 'raspberry-pi-3'),
  'raspberry-pi-4': arm(3792, 'raspberry-pi-4'),
  'raspberry-pi-5': arm(8062, 'raspberry-pi-5'),
  'jetson-nano': arm(3956, 'jetson-nano'),
  'jetson-xavier-nx': arm(7765, 'jetson-xavier-nx'),
  'jetson-orin-nano': arm(7471, 'jetson-orin-nano'),
  'jetson-agx-orin': arm(30_536, 'jetson-agx-orin'),
  rk3588: arm(15_730, 'rk3588'),
  'apple-m1': arm(7500, 'generic-arm64'),
  'x64-avx2': x64(15_900, 'generic-x64'),
  'x64-vnni': x64(24_105, 'x64-vnni'),
  'x64-amx': x64(32_000, 'x64-vnni'),
  'x64-cuda': x64(15_900, 'x64-cuda'),
  'container-v1': x64(15_900, 'generic-x64'),
  'container-v2': x64(15_900, 'generic-x64'),
} as const satisfies Readonly<Record<string, Board>>;

export type BoardName = keyof typeof BOARDS;

export const BOARD_NAMES = Object.keys(BOARDS) as readonly BoardName[];

/** The folder of recorded machines. */
export const BOARDS_FOLDER: string = fileURLToPath(FOLDER);

/** What is found out on a recorded machine, all of whose processors the process may use. */
export function readBoard(name: BoardName): Machine {
  const { arch, memoryMb } = BOARDS[name];
  return readMachine({
    root: fileURLToPath(new URL(name, FOLDER)),
    ...{ arch, platform: 'linux', processors: () => [], cores: 64, memoryBytes: memoryMb * 2 ** 20 },
  });
}

const nothing = { arch: '', platform: '', cpuFeatures: [], compatible: [], accelerators: [], web: [] } as const;

/** Machines without such files, by their profile. */
export const OTHERS: Readonly<Record<string, MachineFacts>> = {
  'apple-silicon': { ...nothing, arch: 'arm64', platform: 'darwin' },
  'windows-dml': { ...nothing, arch: 'x64', platform: 'win32' },
  'browser-wasm': { ...nothing, web: ['wasm'] },
  'browser-webgpu': { ...nothing, web: ['wasm', 'webgpu'] },
  'browser-webnn-npu': { ...nothing, web: ['wasm', 'webgpu', 'webnn'] },
  'generic-x64': { ...nothing, arch: 'x64', platform: 'darwin' },
};
