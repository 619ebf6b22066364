import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResedgeError } from '../../../../src/errors.ts';
import { delays } from '../../../../src/node/sinks/delay.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';
import type { Health, Sink } from '../../../../src/node/sinks/types.ts';
import { quick, until } from './events.ts';

const NEVER = new Promise<void>(() => undefined);

/** A sink of numbers that does with each what `act` says, then remembers it. */
function sinkOf(act: (item: number) => Promise<void> | undefined = () => undefined) {
  const taken: number[] = [];
  let closed = 0;
  const sink: Sink<number> = {
    name: 'sink',
    deliver: async (item) => {
      await act(item);
      taken.push(item);
    },
    close: async () => {
      closed++;
    },
  };
  return { sink, taken, closed: () => closed };
}

const numbers = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

test('delivers in order, one at a time, and closes the sink', async () => {
  let atOnce = 0;
  const { sink, taken, closed } = sinkOf(async () => {
    expect(++atOnce).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    atOnce--;
  });
  const queue = queued(sink, quick());
  for (const i of numbers(20)) queue.push(i);
  expect(queue.counts()).toMatchObject({ delivered: 0, queued: 20 });
  expect(await queue.close(5000)).toEqual({ delivered: 20, dropped: 0, refused: 0, retried: 0, queued: 0 });
  expect([taken, closed()]).toEqual([numbers(20), 1]);
});

test('a sink that hangs keeps nobody waiting: the oldest are dropped, and closing gives up', async () => {
  const { sink, taken } = sinkOf(() => NEVER);
  const queue = queued(sink, quick({ capacity: 10 }));
  queue.push(-1);
  await until(() => queue.counts().queued === 1);
  for (const i of numbers(1000)) queue.push(i);
  expect(queue.counts()).toEqual({ delivered: 0, dropped: 990, refused: 0, retried: 0, queued: 11 });
  expect(await queue.close(10)).toEqual({ delivered: 0, dropped: 1001, refused: 0, retried: 0, queued: 0 });
  queue.push(1);
  expect([taken, queue.counts().dropped]).toEqual([[], 1001]);
});

describe('a sink that is down', () => {
  test('gets every kept item once it is up again, in order; newer ones push out the oldest', async () => {
    let isDown = true;
    const { sink, taken } = sinkOf(async () => {
      if (isDown) throw new Error('down\nfor a reason');
    });
    const options = quick({ capacity: 10 });
    const queue = queued(sink, options);
    for (const i of numbers(25)) queue.push(i);
    await until(() => queue.counts().retried >= 3);
    const { dropped } = queue.counts();
    expect(dropped).toBe(15);
    isDown = false;
    await until(() => queue.counts().queued === 0);
    expect(taken).toEqual(numbers(25).slice(15));
    expect(options.notes).toEqual(['sink: down; events are kept, up to 10, and tried again', 'sink: works again']);
  });

  test('is tried at once when it says that it is up', async () => {
    let isDown = true;
    let health: Health | undefined;
    const { sink, taken } = sinkOf(async () => {
      if (isDown) throw new Error('down');
    });
    const patient = quick({ firstMs: 3_600_000, mostMs: 3_600_000 });
    const watch = (its: Health): void => {
      health = its;
    };
    const queue = queued({ ...sink, watch }, patient);
    queue.push(1);
    await until(() => patient.notes.length === 1);
    isDown = false;
    health?.up();
    await until(() => taken.length === 1);
    expect(queue.counts()).toMatchObject({ delivered: 1, retried: 1 });
    health?.down('cut');
    health?.down('cut again');
    expect(patient.notes.slice(1)).toEqual([
      'sink: works again',
      'sink: cut; events are kept, up to 100, and tried again',
    ]);
    await queue.close(100);
  });

  test('is tried once more when closing, and again while there is time', async () => {
    let tries = 0;
    const { sink, taken } = sinkOf(async () => {
      if (++tries < 4) throw new Error('down');
    });
    const queue = queued(sink, quick());
    queue.push(1);
    expect(await queue.close(5000)).toMatchObject({ delivered: 1, retried: 3 });
    expect(taken).toEqual([1]);
  });
});

test('what a sink will never take is left out, and said once', async () => {
  const { sink, taken } = sinkOf(async (item) => {
    if (item % 2 === 0) throw new ResedgeError('input', 'expected odd numbers');
  });
  const options = quick();
  const queue = queued(sink, options);
  for (const i of numbers(10)) queue.push(i);
  expect(await queue.close(5000)).toMatchObject({ delivered: 5, refused: 5, retried: 0 });
  expect(taken).toEqual([1, 3, 5, 7, 9]);
  expect(options.notes).toEqual(['sink: expected odd numbers; the event is left out']);
});

test('whatever fails, nothing is out of order, twice, or uncounted', async () => {
  const outcome = fc.constantFrom('well', 'fails', 'refused');
  const run = fc.asyncProperty(
    fc.array(outcome, { maxLength: 40 }),
    fc.integer({ min: 1, max: 10 }),
    async (outcomes, capacity) => {
      let tries = 0;
      const { sink, taken } = sinkOf(async () => {
        const result = outcomes[tries++] ?? 'well';
        if (result === 'fails') throw new Error(result);
        if (result === 'refused') throw new ResedgeError('input', result);
      });
      const queue = queued(sink, quick({ capacity, firstMs: 0.1, mostMs: 0.1 }));
      for (const i of numbers(30)) {
        queue.push(i);
        if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(queue.counts().queued).toBeLessThanOrEqual(capacity + 1);
      }
      const { delivered, dropped, refused } = await queue.close(5000);
      expect(delivered + dropped + refused).toBe(30);
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
      expect(taken).toHaveLength(delivered);
    },
  );
  await fc.assert(run, { numRuns: 20 });
});

test('waits double up to the most, jittered by the seed, and begin anew', () => {
  const waits = (seed: number): readonly number[] => {
    const { next } = delays({ firstMs: 100, mostMs: 1000, seed });
    return numbers(8).map(next);
  };
  const full = [100, 200, 400, 800, 1000, 1000, 1000, 1000];
  for (const [i, ms] of waits(1).entries()) {
    expect(ms).toBeGreaterThanOrEqual(full[i]! / 2);
    expect(ms).toBeLessThan(full[i]!);
  }
  expect(waits(1)).toEqual(waits(1));
  expect(waits(1)).not.toEqual(waits(2));
  const { next, reset } = delays({ firstMs: 100, mostMs: 1000, seed: 1 });
  numbers(5).map(next);
  reset();
  expect(next()).toBeLessThan(100);
});
