import { expect, test } from 'vitest';
import { createGate } from '../../../../src/node/serve/gate.ts';

/** An action that ends when told to. */
function held(): { readonly action: () => Promise<string>; readonly end: () => void; readonly begun: () => boolean } {
  let end = (): void => undefined;
  let begun = false;
  const ended = new Promise<string>((resolve) => {
    end = () => resolve('done');
  });
  const action = (): Promise<string> => {
    begun = true;
    return ended;
  };
  return { action, end: () => end(), begun: () => begun };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('works on so many at once and lets so many wait, first come, first served', async () => {
  const gate = createGate({ working: 1, waiting: 2, bytes: 100 });
  const works = [held(), held(), held()];
  const seats = works.map(() => gate.enter(10)!);
  expect(gate.enter(10)).toBeUndefined();
  const done = works.map(({ action }, i) => seats[i]!.work(action));
  await settle();
  expect(works.map(({ begun }) => begun())).toEqual([true, false, false]);
  expect(gate.counts()).toEqual({ working: 1, waiting: 2 });
  works[0]!.end();
  await settle();
  expect(works.map(({ begun }) => begun())).toEqual([true, true, false]);
  works[1]!.end();
  works[2]!.end();
  expect(await Promise.all(done)).toEqual(['done', 'done', 'done']);
  expect(gate.counts()).toEqual({ working: 0, waiting: 0 });
  for (const seat of seats) seat.leave();
  expect(gate.enter(100)).toBeDefined();
});

test('keeps what is held within bounds', () => {
  const gate = createGate({ working: 4, waiting: 4, bytes: 100 });
  const first = gate.enter(80)!;
  expect(gate.enter(30)).toBeUndefined();
  first.leave();
  expect(gate.enter(30)).toBeDefined();
});

test('one who leaves while waiting gives the place back at once, and is not worked on', async () => {
  const gate = createGate({ working: 1, waiting: 1, bytes: 100 });
  const [first, second] = [held(), held()];
  const working = gate.enter(1)!;
  const waiting = gate.enter(1)!;
  const done = working.work(first.action);
  const given = waiting.work(second.action);
  waiting.leave();
  await expect(given).rejects.toMatchObject({ code: 'unavailable' });
  expect(gate.counts()).toEqual({ working: 1, waiting: 0 });
  const third = gate.enter(1)!;
  first.end();
  await done;
  expect(second.begun()).toBe(false);
  expect(await third.work(async () => 3)).toBe(3);
});

test('one who leaves while worked on keeps the place until that is done', async () => {
  const gate = createGate({ working: 1, waiting: 0, bytes: 100 });
  const work = held();
  const seat = gate.enter(1)!;
  const done = seat.work(work.action);
  await settle();
  seat.leave();
  seat.leave();
  expect(gate.enter(1)).toBeUndefined();
  work.end();
  await done;
  expect(gate.enter(1)).toBeDefined();
  expect(gate.enter(1)).toBeUndefined();
});

test('an action that fails makes room for the next', async () => {
  const gate = createGate({ working: 1, waiting: 1, bytes: 100 });
  const [first, second] = [gate.enter(1)!, gate.enter(1)!];
  const failing = first.work(() => Promise.reject(new Error('no')));
  const next = second.work(async () => 2);
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe(2);
});
