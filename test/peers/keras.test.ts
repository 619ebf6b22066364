import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readKeras } from '../../converter/keras-network.ts';
import { readKerasFile } from '../../src/node/formats/keras.ts';
import { classic, convertNetwork, largestDifference } from '../unit/converter/conversions.ts';
import { kerasInput } from '../unit/converter/keras/sources.ts';
import { logitsOf } from '../unit/converter/runner.ts';
import { folderWith } from '../unit/node/folder.ts';
import { PYTHON } from './python/program.ts';

test("whole models of keras.applications give Keras's own scores", async () => {
  const folder = folderWith();
  const script = join(import.meta.dirname, 'python/keras_models.py');
  execFileSync(PYTHON, [script, 'applications', folder], {
    env: { ...process.env, KERAS_BACKEND: 'jax' },
    stdio: 'ignore',
  });
  const expected: Readonly<Record<string, { readonly size: number; readonly scores: readonly number[] }>> = JSON.parse(
    readFileSync(join(folder, 'expected.json'), 'utf8'),
  );
  expect(Object.keys(expected)).toEqual(['resnet50.keras', 'resnet50v2.keras']);
  for (const [name, { size, scores }] of Object.entries(expected)) {
    const network = readKeras(await readKerasFile(new Uint8Array(readFileSync(join(folder, name)))));
    expect(`${network.name}.keras`).toBe(name);
    const { model } = await convertNetwork(network, classic(size, { layout: 'nhwc' }));
    expect(largestDifference(await logitsOf(model, kerasInput(size)), Float32Array.from(scores))).toBeLessThan(1e-4);
  }
});
