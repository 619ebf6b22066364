import { ResedgeError } from '../../errors.ts';

export type GateLimits = {
  /** Requests worked on at once. */
  readonly working: number;
  /** Requests that wait beside those. */
  readonly waiting: number;
  /** Bytes that all of them may bring along. */
  readonly bytes: number;
};

/** A request's place. */
export type Seat = {
  /** Does `action` when its turn comes, first come, first served. Throws `unavailable` where the seat was left before. */
  readonly work: <T>(action: () => Promise<T>) => Promise<T>;
  /** Gives the place back, after the action where one is under way. */
  readonly leave: () => void;
};

/** Keeps the number of requests and what they hold within bounds. */
export type Gate = {
  /** A seat for a request of so many bytes; undefined where there is no room. */
  readonly enter: (bytes: number) => Seat | undefined;
  readonly counts: () => { readonly working: number; readonly waiting: number };
};

export function createGate(limits: GateLimits): Gate {
  let taken = 0;
  let held = 0;
  let busy = 0;
  const queue: ((admitted: boolean) => void)[] = [];

  const admit = (remember: (resolve: (admitted: boolean) => void) => void): Promise<boolean> => {
    if (busy < limits.working) {
      busy++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      queue.push(resolve);
      remember(resolve);
    });
  };
  const passOn = (): void => {
    const next = queue.shift();
    if (next === undefined) busy--;
    else next(true);
  };
  const seat = (bytes: number): Seat => {
    let left = false;
    let acting = false;
    let wake: ((admitted: boolean) => void) | undefined;
    const free = (): void => {
      taken--;
      held -= bytes;
    };
    return {
      work: async (action) => {
        const admitted = !left && (await admit((resolve) => (wake = resolve)));
        if (!admitted) throw new ResedgeError('unavailable', 'the request was given up before its turn came');
        acting = true;
        try {
          return await action();
        } finally {
          acting = false;
          if (left) free();
          passOn();
        }
      },
      leave: () => {
        if (left) return;
        left = true;
        if (!acting) free();
        const at = wake === undefined ? -1 : queue.indexOf(wake);
        if (at >= 0) queue.splice(at, 1)[0]?.(false);
      },
    };
  };
  return {
    enter: (bytes) => {
      if (taken >= limits.working + limits.waiting || held + bytes > limits.bytes) return undefined;
      taken++;
      held += bytes;
      return seat(bytes);
    },
    counts: () => ({ working: busy, waiting: queue.length }),
  };
}
