import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import { architectureOf } from '../../../../converter/train/architecture.ts';
import { initialWeights } from '../../../../converter/train/initial.ts';
import { microBatchWithin } from '../../../../converter/train/micro-batch.ts';

const weights = initialWeights(architectureOf('resnet20', 10), 0);
const stored = new Map(
  [...weights].map(([n, { dims, data }]) => [n, { dtype: 'F32' as const, dims, read: () => data }]),
);
const graph = buildGraph(architectureOf('resnet20', 10), stored, 32);
const MB = 2 ** 20;

describe('pictures of one run', () => {
  const all = new Set([...weights.keys()].filter((name) => !name.includes('.running_')));
  const within = (mb: number, trainable = all): number =>
    microBatchWithin(graph, { trainable, norms: 'frozen', batch: 96 }, mb * MB);

  test('are the batch where memory is no matter, else a divisor of it', () => {
    expect(within(4096)).toBe(96);
    const counts = [700, 500, 400, 300, 250].map((mb) => within(mb));
    for (const count of counts) expect(96 % count).toBe(0);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts.at(-1)).toBeLessThan(48);
  });

  test('are one where nothing fits', () => {
    expect(within(1)).toBe(1);
  });

  test('are more where less is learnt', () => {
    expect(within(300, new Set(['fc.weight', 'fc.bias']))).toBeGreaterThan(within(300));
  });
});
