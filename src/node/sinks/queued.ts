import { isResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';
import { type DelayOptions, delays } from './delay.ts';
import type { QueuedSink, Sink, SinkCounts } from './types.ts';

export type QueueOptions = DelayOptions & {
  /** Items that wait at most, beside the one under way; a newer one pushes out the oldest. */
  readonly capacity: number;
  /** Told when a sink begins to fail and when it works again, and why it refuses items, once for each reason in a row. */
  readonly note: (line: string) => void;
};

/** How long closing a sink may take, once its queue is done with. */
const CLOSE_MS = 1000;

/**
 * Puts a bounded queue before a sink, so that one that is slow or down stalls nobody: items are delivered one after the other in their
 * order, again and again where that fails, with growing waits between, until newer ones push them out.
 */
export function queued<Item>(sink: Sink<Item>, options: QueueOptions): QueuedSink<Item> {
  const { capacity, note } = options;
  const wait = delays(options);
  const waiting: Item[] = [];
  const count = { delivered: 0, dropped: 0, refused: 0, retried: 0 };
  let underWay = 0;
  let failing = false;
  let refusal = '';
  let closed = false;
  let wake: () => void = () => undefined;
  let pumping: Promise<void> | undefined;

  const counts = (): SinkCounts => ({ ...count, queued: waiting.length + underWay });
  const up = (): void => {
    if (failing) note(`${sink.name}: works again`);
    failing = false;
    wait.reset();
    wake();
  };
  const down = (reason: string): void => {
    if (!failing && !closed) note(`${sink.name}: ${reason}; events are kept, up to ${capacity}, and tried again`);
    failing = true;
  };

  const pump = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      underWay = 1;
      const current = item;
      const error = await Promise.resolve()
        .then(() => sink.deliver(current))
        .then(
          () => undefined,
          (reason: unknown) => ({ reason }),
        );
      underWay = 0;
      if (error === undefined) {
        count.delivered++;
        up();
      } else if (closed) {
        count.dropped++;
      } else if (isResedgeError(error.reason, 'input')) {
        count.refused++;
        failing = false;
        if (error.reason.message !== refusal) note(`${sink.name}: ${error.reason.message}; the event is left out`);
        refusal = error.reason.message;
      } else {
        waiting.unshift(item);
        trim();
        down(reasonOf(error.reason));
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, wait.next());
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (!closed && waiting.length > 0) count.retried++;
      }
    }
    pumping = undefined;
  };
  const trim = (): void => {
    for (; waiting.length > capacity; waiting.shift()) count.dropped++;
  };
  sink.watch?.({ up, down });

  return {
    name: sink.name,
    counts,
    push: (item) => {
      if (closed) {
        count.dropped++;
        return;
      }
      waiting.push(item);
      trim();
      pumping ??= pump();
    },
    close: async (limitMs) => {
      wake();
      await within(limitMs, pumping);
      closed = true;
      count.dropped += waiting.splice(0).length;
      wake();
      await within(CLOSE_MS, sink.close());
      await within(CLOSE_MS, pumping);
      return { ...count, dropped: count.dropped + underWay, queued: 0 };
    },
  };
}

/** Waits for an action, but not longer than that. */
async function within(ms: number, action: Promise<void> | undefined): Promise<void> {
  if (action === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([action.catch(() => undefined), late]);
  clearTimeout(timer);
}
