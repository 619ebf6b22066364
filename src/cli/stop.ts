const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A wish to stop, as Ctrl-C and a service manager express it. */
export type Stop = {
  readonly signal: AbortSignal;
  /** Leaves the signals to the system again. */
  readonly end: () => void;
};

/**
 * From here on the first SIGINT or SIGTERM aborts the signal, so that what is in flight can be finished; the next one ends the process at
 * once, as it does without this.
 */
export function untilStopped(): Stop {
  const controller = new AbortController();
  const end = (): void => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  const stop = (): void => {
    end();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return { signal: controller.signal, end };
}
