import { describe, expect, it } from 'vitest';
import type { Measured } from '../../../../src/node/tune/measure.ts';
import { measureRounds, type Rounds } from '../../../../src/node/tune/rounds.ts';
import type { Way } from '../../../../src/node/tune/way.ts';
import { times, way } from './ways.ts';

const one = way({ threads: 1 });
const two = way({ threads: 2 });
const slow = way({ provider: 'wasm' });
const float = way({ path: 'fp32.onnx' });
const SPEED = new Map([
  [one, 10],
  [two, 11],
  [slow, 40],
  [float, 30],
]);

/** Rounds in which every process takes a second of the clock. */
async function rounds(
  budgetS: number,
  ways: readonly Way[] = [one, two, slow, float],
  answer: (of: Way, asked: number) => Measured = (of) => times(SPEED.get(of) ?? 0),
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<{ readonly asked: readonly Way[]; readonly result: Rounds }> {
  const asked: Way[] = [];
  const result = await measureRounds({
    ...{ ways, budgetMs: budgetS * 1000, by: 'p50', now: () => asked.length * 1000 },
    measure: async ({ way: of }) => {
      asked.push(of);
      return answer(of, asked.length);
    },
    stopped: () => asked.length >= stopAfter,
    onProgress: () => undefined,
  });
  return { asked, result };
}

describe('measureRounds', () => {
  it('goes on with what is close to the best of its file, every other round backwards, within the budget', async () => {
    const { asked, result } = await rounds(9);
    expect(asked).toEqual([one, two, slow, float, float, two, one, one, two]);
    expect(result.figures.map(({ way: of, processes }) => [of, processes])).toEqual([
      [one, 3],
      [two, 3],
      [slow, 1],
      [float, 2],
    ]);
    expect(result).toMatchObject({ failed: [], unreached: [] });
  });

  it('measures the first way of every file whatever the budget, and counts the others', async () => {
    const { asked, result } = await rounds(0.5);
    expect(asked).toEqual([one, float]);
    expect(result.unreached).toEqual([two, slow]);
  });

  it('leaves out what fails, with the reason', async () => {
    const crash = { kind: 'fault', absent: false, reason: 'it crashed' } as const;
    const { result } = await rounds(20, [one, two], (of) => (of === one ? crash : times(5)));
    expect(result.failed).toEqual([{ way: one, absent: false, reason: 'it crashed' }]);
    expect(result.figures.map((figures) => figures.way)).toEqual([two]);
  });

  it('ends when it is stopped, without the process that was stopped', async () => {
    const { asked, result } = await rounds(20, [one, two], () => times(5), 2);
    expect(asked).toHaveLength(2);
    expect(result.figures.map((figures) => figures.way)).toEqual([one]);
  });
});
