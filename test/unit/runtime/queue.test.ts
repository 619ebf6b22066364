import { expect, it } from 'vitest';
import { queue } from '../../../src/runtime/queue.ts';

it('does one thing after the other, whatever becomes of the one before', async () => {
  const inTurn = queue();
  const log: string[] = [];
  const act = async (name: string, ms: number): Promise<string> => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  };
  const results = await Promise.allSettled([
    inTurn(() => act('a', 10)),
    inTurn(() => act('b', 5)),
    inTurn(() => act('c', 0)),
  ]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
