import { availableParallelism, cpus, totalmem } from 'node:os';
import type { MachineFacts } from '../../device/choose.ts';
import type { CpuShare } from '../../device/threads.ts';
import { type SeenAccelerator, seeAccelerators } from './accelerators.ts';
import { readLimits } from './cgroup.ts';
import { parseCpuInfo, parseDeviceTreeStrings } from './cpu-info.ts';
import { treeAt } from './tree.ts';

export type Machine = MachineFacts &
  CpuShare & {
    readonly model: string;
    /** The board's name in the device tree. */
    readonly board: string | undefined;
    /** Usable memory in units of 2^20 bytes: a control group's limit counts. */
    readonly memoryMb: number;
    /** True where a control group limits memory below what the machine has. */
    readonly memoryLimited: boolean;
    readonly seen: readonly SeenAccelerator[];
  };

/** Where a machine's files are, and what its operating system says without them. */
export type Host = {
  readonly root: string;
  readonly arch: string;
  readonly platform: string;
  /** The logical processors' models; asked for only where /proc/cpuinfo is missing, since it takes longer to answer. */
  readonly processors: () => readonly { readonly model: string }[];
  /** Logical processors that the process may run on. */
  readonly cores: number;
  readonly memoryBytes: number;
};

const MB = 2 ** 20;

function thisHost(): Host {
  return {
    root: '/',
    arch: process.arch,
    platform: process.platform,
    processors: cpus,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

/**
 * Reads what a machine says of itself: a few small files of /proc, /sys and /dev; nothing is started or loaded. Where these are missing,
 * what the operating system says has to do.
 */
export function readMachine(host: Host = thisHost()): Machine {
  const tree = treeAt(host.root);
  const cpu = parseCpuInfo(tree.read('proc/cpuinfo') ?? '');
  const processors = cpu.cores > 0 && cpu.model !== 'unknown' ? [] : host.processors();
  const limits = readLimits(tree);
  const online = Math.max(1, cpu.cores || processors.length);
  const cores = Math.min(online, Math.max(1, host.cores));
  const { memoryBytes } = host;
  const board = parseDeviceTreeStrings(tree.read('proc/device-tree/model') ?? '')[0];
  const seen = seeAccelerators(tree);
  return {
    arch: host.arch,
    platform: host.platform,
    model: cpu.model === 'unknown' ? (processors[0]?.model ?? 'unknown') : cpu.model,
    cpuFeatures: cpu.features,
    compatible: parseDeviceTreeStrings(tree.read('proc/device-tree/compatible') ?? ''),
    accelerators: seen.map(({ id }) => id),
    web: [],
    board,
    online,
    cores,
    performanceCores: cpu.performanceCores || online,
    cpuQuota: limits.cpuQuota !== undefined && limits.cpuQuota < cores ? limits.cpuQuota : undefined,
    memoryMb: Math.floor(Math.min(memoryBytes, limits.memoryBytes ?? memoryBytes) / MB),
    memoryLimited: (limits.memoryBytes ?? memoryBytes) < memoryBytes,
    seen,
  };
}
