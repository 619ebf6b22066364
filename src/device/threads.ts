/** The processors that a process has. */
export type CpuShare = {
  /** Logical processors of the machine. */
  readonly online: number;
  /** Those that the process may run on. */
  readonly cores: number;
  /** Without the efficiency cores, where there are others. */
  readonly performanceCores: number;
  /** Processors' worth of time that a control group grants, such as 1.5; undefined without limit. */
  readonly cpuQuota?: number | undefined;
};

/**
 * Threads inside one inference: as many as wanted, at most one for each performance core that the process may use. 0, the backend's
 * choice, stands only where nothing is held back, since ONNX Runtime counts the whole machine's cores. A quota is rounded down, and
 * one below 1 gives one thread: a thread with a fraction of a processor would keep the others waiting at the end of every layer.
 */
export function threadsWithin(wanted: number, { online, cores, performanceCores, cpuQuota }: CpuShare): number {
  const most = Math.max(1, Math.min(cores, performanceCores, Math.floor(cpuQuota ?? online)));
  if (wanted > 0) return Math.min(wanted, most);
  return most < online ? most : 0;
}
