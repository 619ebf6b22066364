import { describe, expect, it } from 'vitest';
import { figuresOf, rank } from '../../../../src/node/tune/rank.ts';
import { times, way } from './ways.ts';

describe('figuresOf', () => {
  it('pools the processes of a way, and counts by the picture', () => {
    const { ms, runs, processes } = figuresOf(way({ batch: 4 }), [times(40, 44), times(48)]);
    expect({ ms, runs, processes }).toEqual({ ms: { p50: 11, p99: 12 }, runs: 3, processes: 2 });
  });

  it('tells energy only if every process did', () => {
    const [one, two] = [
      { ...times(10, 10), joules: 0.5 },
      { ...times(10, 10), joules: 0.3 },
    ];
    expect(figuresOf(way({ batch: 2 }), [one, two]).energyMj).toBeCloseTo(100);
    expect(figuresOf(way(), [one, times(10)])).not.toHaveProperty('energyMj');
  });
});

describe('rank', () => {
  const fast = figuresOf(way(), [times(10, 10, 30)]);
  const lean = figuresOf(way({ threads: 1, spinning: false }), [times(10.2, 10.2, 10.4)]);
  const slow = figuresOf(way({ provider: 'wasm' }), [times(20, 21, 22)]);

  it('takes the one with fewer threads among equals, whatever the rest', () => {
    expect(rank([slow, fast, lean], 'p50')).toEqual([lean, fast, slow]);
  });

  it('goes by the figure asked for', () => {
    expect(rank([slow, fast, lean], 'p99')).toEqual([lean, slow, fast]);
    const thrifty = { ...slow, energyMj: 3 };
    expect(rank([{ ...fast, energyMj: 9 }, thrifty, lean], 'energy')[0]).toBe(thrifty);
    expect(rank([], 'p50')).toEqual([]);
  });

  it('does not take a tie for a reason to choose another file', () => {
    const other = figuresOf(way({ path: 'fp32.onnx', threads: 1 }), [times(10.1)]);
    expect(rank([other, fast], 'p50')[0]).toBe(fast);
  });
});
