import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isResedgeError } from '../../../../src/errors.ts';
import { readHdf5 } from '../../../../src/node/formats/hdf5.ts';
import { kerasBytes } from '../../converter/keras/sources.ts';
import { mutate, mutations } from '../../converter/weights/mutate.ts';

const file = kerasBytes('plain.2.h5');
/** Each takes a thread, which starts in half a second. */
const RUNS = Number(process.env['RESEDGE_FUZZ_RUNS'] ?? 5);
const PATIENCE_MS = 3000;

test('a damaged file is read, or refused in one line', async () => {
  const refusals = new Set<string>();
  for (const changes of fc.sample(mutations(file.length), { numRuns: RUNS, seed: 5 })) {
    try {
      await readHdf5(mutate(file, changes), PATIENCE_MS);
    } catch (error) {
      if (!isResedgeError(error) || error.code === 'internal') throw error;
      expect(error.message).not.toContain('\n');
      refusals.add(error.message);
    }
  }
  expect(refusals.size).toBeGreaterThan(0);
});
