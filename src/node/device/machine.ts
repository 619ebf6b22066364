import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { MachineFacts } from '../../device/choose.ts';
import { type CpuInfo, parseCpuInfo, parseDeviceTreeStrings } from './cpu-info.ts';

export type Machine = MachineFacts & {
  readonly model: string;
  /** The board's name in the device tree. */
  readonly board: string | undefined;
  readonly cores: number;
  /** Usable memory in units of 2^20 bytes: a control group's limit counts. */
  readonly memoryMb: number;
};

const MB = 2 ** 20;

/** A file of /proc, or nothing where the system or the board has none. */
function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readCpu(): CpuInfo {
  const text = readOptional('/proc/cpuinfo');
  return text === undefined ? { model: cpus()[0]?.model ?? 'unknown', features: [] } : parseCpuInfo(text);
}

/** Memory that may be used: `constrained` is 0 or absurdly large where no limit is set. */
export function usableMemoryMb(total: number, constrained: number): number {
  return Math.floor((constrained > 0 ? Math.min(total, constrained) : total) / MB);
}

/** Reads what this machine says of itself (about a millisecond, nothing is started or loaded). */
export function readMachine(): Machine {
  const { model, features } = readCpu();
  const board = readOptional('/proc/device-tree/model');
  return {
    arch: process.arch,
    model,
    cpuFeatures: features,
    compatible: parseDeviceTreeStrings(readOptional('/proc/device-tree/compatible') ?? ''),
    board: board === undefined ? undefined : parseDeviceTreeStrings(board)[0],
    cores: availableParallelism(),
    memoryMb: usableMemoryMb(totalmem(), process.constrainedMemory()),
  };
}
