import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { frameShape } from '../../../../src/image/frame.ts';
import { teller } from '../../../../src/node/serve/tell.ts';
import type { LiveUpdate } from '../../../../src/runtime/served.ts';

const frame = { ...frameShape('rgb24', 8, 8), data: new Uint8Array(192) };
const model = { metadata: { labels: ['cat', 'dog'] }, choice: { provider: 'cpu' } } as const;

/** Updates that come of answers to every `step`th frame. */
async function updates(step: number): Promise<readonly LiveUpdate[]> {
  const told: LiveUpdate[] = [];
  const tell = teller({ model, viewers: () => [{ update: (update) => told.push(update) }] });
  for (let index = 0; told.length < 4; index += step, await sleep(10)) {
    const top = [{ label: 'cat', index: 0, probability: 0.9 }];
    const ms = { prepare: 1, infer: 1, total: 2 };
    const probabilities = Float32Array.of(0.9, 0.1);
    tell({ frame: index, at: Date.now(), probabilities, top, ms, dropped: 0 }, frame, null);
  }
  return told;
}

test.each([1, 2, 3])('of %i frames a time one is answered, in both rates', async (step) => {
  const { rates } = (await updates(step)).at(-1)!;
  expect(rates.answered).toBeGreaterThan(0);
  expect(rates.captured).toBeCloseTo(step * rates.answered, 6);
});
