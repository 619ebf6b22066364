import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { ResedgeError } from '../../../../src/errors.ts';
import { golden } from './files.ts';
import { mutate, mutations } from './mutate.ts';

const RUNS = 2000;
const SEED = 20;

/** Reads every tensor; float32 values may not be more than the file could hold as bytes. */
function consume(bytes: Uint8Array): void {
  for (const { dims, read } of readWeights(bytes).tensors.values()) {
    const values = read();
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (values.length !== count || values.length > bytes.length)
      throw new Error(`${values.length} values for [${dims}]`);
  }
}

describe.each([
  'elements.safetensors',
  'elements.zip.pth',
  'elements.protocol4.pth',
  'elements.legacy.pth',
  'checkpoint.zip.pth',
  'checkpoint.legacy.pth',
  'system.zip.pth',
])('%s, damaged at random', (file) => {
  test('is read or refused with a ResedgeError', () => {
    const bytes = golden(file);
    let refused = 0;
    const outcome = fc.check(
      fc.property(mutations(bytes.length), (changes) => {
        try {
          consume(mutate(bytes, changes));
        } catch (error) {
          if (!(error instanceof ResedgeError)) throw error;
          expect(error.message).not.toMatch(/[\n\r]|undefined|NaN/);
          refused++;
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(fc.defaultReportMessage(outcome)).toBeUndefined();
    expect(refused).toBeGreaterThan(RUNS / 10);
  });
});

test('a file of PyTorch itself, its header damaged at random', () => {
  const bytes = golden('resnet18.fp16.safetensors');
  fc.assert(
    fc.property(mutations(16_000), (changes) => {
      try {
        readWeights(mutate(bytes, changes));
      } catch (error) {
        if (!(error instanceof ResedgeError)) throw error;
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
});
