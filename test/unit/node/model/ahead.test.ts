import { describe, expect, test } from 'vitest';
import { ahead } from '../../../../src/node/model/ahead.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ahead', () => {
  test('gives results in the order of the items, whichever is done first, so many under way and no more', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      for (let i = item % 3; i >= 0; i--) await turn();
      running--;
      return item * 10;
    };
    const results: number[] = [];
    for await (const result of ahead([5, 4, 3, 2, 1, 0], 3, work)) results.push(result);
    expect(results).toEqual([50, 40, 30, 20, 10, 0]);
    expect(most).toBe(3);
  });

  test('a failure comes in its turn, and nothing begins after it', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<number> => {
      begun.push(item);
      await turn();
      if (item === 2) throw new Error('item 2');
      return item;
    };
    const results: number[] = [];
    const all = async (): Promise<void> => {
      for await (const result of ahead([1, 2, 3, 4, 5], 2, work)) results.push(result);
    };
    await expect(all()).rejects.toThrow('item 2');
    expect(results).toEqual([1]);
    expect(begun).toEqual([1, 2, 3]);
  });
});
