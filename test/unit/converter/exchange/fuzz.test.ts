import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOnnx } from '../../../../converter/onnx-network.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { isResedgeError } from '../../../../src/errors.ts';
import { mutate, mutations } from '../weights/mutate.ts';
import { EXPORTS, sourceBytes } from './sources.ts';

const files = EXPORTS.map(sourceBytes);
const RUNS = Number(process.env['RESEDGE_FUZZ_RUNS'] ?? 300);

test('a damaged model is read, or refused in one line', () => {
  const refusals = new Set<string>();
  const damaged = fc
    .nat({ max: files.length - 1 })
    .chain((index) => fc.tuple(fc.constant(index), mutations(files[index]!.length)));
  fc.assert(
    fc.property(damaged, ([index, changes]) => {
      try {
        applyPasses(readOnnx(mutate(files[index]!, changes)).build(16), FOLD);
      } catch (error) {
        if (!isResedgeError(error) || error.code === 'internal') throw error;
        expect(error.message).not.toContain('\n');
        refusals.add(error.message.split(' ')[0] ?? '');
      }
    }),
    { numRuns: RUNS, seed: 7 },
  );
  expect(refusals.size).toBeGreaterThan(0);
});
