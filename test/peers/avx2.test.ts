import { expect, test } from 'vitest';
import { avx2 } from './emulate/machines.ts';
import { countPairs } from './emulate/pair-rule.ts';

test('AVX2 without VNNI adds products in int16 pairs of the order (row, column, channel) and saturates', async () => {
  const cases = await countPairs(avx2);
  expect(cases.length).toBeGreaterThan(10);
  for (const { name, accumulators, paired, exact } of cases) {
    expect(paired, name).toBe(accumulators);
    expect(exact, name).toBeLessThan(accumulators);
  }
});
