import { describe, expect, it } from 'vitest';
import type { PlannedSession } from '../../../../src/device/plan.ts';
import { inTurn, threadCounts, waysOf } from '../../../../src/node/tune/way.ts';
import { way } from './ways.ts';

const share = { online: 4, cores: 4, performanceCores: 4 };

function planned(more: Partial<PlannedSession>): PlannedSession {
  const common = { provider: 'cpu', backend: 'onnxruntime-node', precision: 'int8', providerOptions: {} } as const;
  return { ...common, threads: 0, spinning: true, memoryBudgetMb: 512, why: '', ...more };
}

describe('threadCounts', () => {
  it.each([
    [{ online: 1, cores: 1, performanceCores: 1 }, [1]],
    [share, [1, 2, 3, 4]],
    [{ online: 8, cores: 8, performanceCores: 4 }, [1, 2, 3, 4, 8]],
    [{ online: 24, cores: 24, performanceCores: 12 }, [1, 2, 3, 4, 8, 12, 16, 24]],
    [{ ...share, cpuQuota: 2.5 }, [1, 2]],
    [{ ...share, cpuQuota: 0.5 }, [1]],
  ])('%j', (cores, counts) => {
    expect(threadCounts(cores)).toEqual(counts);
  });
});

describe('waysOf', () => {
  const settings = (session: PlannedSession, cores = share): readonly string[] =>
    waysOf('m.onnx', session, cores, [1]).map(({ threads, spinning }) => `${threads}${spinning ? ' spinning' : ''}`);

  it('tries threads, spinning and not, on the CPU, the most threads first', () => {
    const two = { online: 2, cores: 2, performanceCores: 2 };
    expect(settings(planned({}), two)).toEqual(['2 spinning', '2', '1']);
    expect(settings(planned({}), { ...two, cpuQuota: 2 } as typeof two)).toEqual(['2', '1']);
    expect(settings(planned({ provider: 'wasm', backend: 'onnxruntime-web' }), two)).toEqual(['2', '1']);
  });

  it('leaves other providers as planned, in every batch', () => {
    const ways = waysOf('m.onnx', planned({ provider: 'cuda', threads: 1, spinning: false }), share, [1, 8]);
    expect(ways.map(({ threads, batch }) => [threads, batch])).toEqual([
      [1, 1],
      [1, 8],
    ]);
  });
});

describe('inTurn', () => {
  it('takes one way of every file at a time', () => {
    const [a, b] = [way({ threads: 1 }), way({ threads: 2 })];
    const c = way({ path: 'fp32.onnx' });
    expect(inTurn([[a, b], [c]])).toEqual([a, c, b]);
    expect(inTurn([])).toEqual([]);
  });
});
