import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classic, convertNetwork, largestDifference } from '../unit/converter/conversions.ts';
import { kerasInput } from '../unit/converter/keras/sources.ts';
import { logitsOf } from '../unit/converter/runner.ts';
import { EXPECTED, type Expected, tfjsFiles, tfjsNetwork } from '../unit/converter/tfjs/sources.ts';
import { folderWith } from '../unit/node/folder.ts';
import { peersFolder } from './emulate/machine.ts';

test("models that TensorFlow.js makes give TensorFlow.js's own scores, and the golden ones are such", async () => {
  const folder = folderWith();
  const script = join(import.meta.dirname, 'tfjs/make-models.mjs');
  execFileSync(process.execPath, [script, folder, join(peersFolder, 'tfjs')], { stdio: 'pipe' });
  const made: Expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  expect(Object.keys(made)).toEqual(Object.keys(EXPECTED));
  for (const [name, { size, scores }] of Object.entries(made)) {
    const { model } = await convertNetwork(tfjsNetwork(tfjsFiles(name, folder)), classic(size, { layout: 'nhwc' }));
    const own = Float32Array.from(scores);
    expect(largestDifference(await logitsOf(model, kerasInput(size)), own)).toBeLessThan(1e-4);
    expect(largestDifference(Float32Array.from(EXPECTED[name]!.scores), own)).toBeLessThan(1e-6);
  }
});
