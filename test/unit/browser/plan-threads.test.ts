import { describe, expect, it } from 'vitest';
import { planThreads } from '../../../src/browser/plan-threads.ts';

const able = { wanted: 0, isolated: true, separateScript: true, cores: 8 };

describe('threads in a browser', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [8, 4],
    [64, 4],
  ])('of %i cores: %i', (cores, threads) => {
    expect(planThreads({ ...able, cores })).toEqual({ threads, warnings: [] });
  });

  it('as many as wanted', () => {
    expect(planThreads({ ...able, wanted: 6, cores: 2 })).toEqual({ threads: 6, warnings: [] });
  });

  it('one, with every reason, where there can be no more', () => {
    const { threads, warnings } = planThreads({ ...able, wanted: 3, isolated: false, separateScript: false });
    expect(threads).toBe(1);
    expect(warnings).toEqual([
      expect.stringMatching(/^running on 1 thread instead of 3, the page is not cross-origin isolated/),
      expect.stringMatching(/^running on 1 thread instead of 3, no wasmPaths/),
    ]);
  });

  it('one without a word where one is wanted', () => {
    expect(planThreads({ wanted: 1, isolated: false, separateScript: false, cores: 8 })).toEqual({
      threads: 1,
      warnings: [],
    });
  });
});
