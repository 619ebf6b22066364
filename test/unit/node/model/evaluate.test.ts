import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ResedgeError } from '../../../../src/errors.ts';
import { evaluate } from '../../../../src/node/model/evaluate.ts';
import type { OpenedModel } from '../../../../src/node/model/open-model.ts';
import { folderWith } from '../folder.ts';

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"/>';

/** A model whose every inference fails, as one does whose worker has died. */
function failingModel(): OpenedModel {
  const preprocessing = { input: 'raw', layout: 'nhwc', inputSize: 32, resize: 32 };
  const values = { inputs: [{ name: 'input', dims: ['N', 32, 32, 3] }], outputs: [{ name: 'logits' }] };
  const run = () => Promise.reject(new ResedgeError('internal', 'the worker has died'));
  return { metadata: { preprocessing }, session: { ...values, run } } as unknown as OpenedModel;
}

// A rejection that nobody has awaited yet would end the process, which the test run reports.
test('an inference that fails while the next pictures are decoded is thrown once', async () => {
  const folder = folderWith({ 'a.svg': drawing });
  const pictures = Array.from({ length: 80 }, () => ({ path: join(folder, 'a.svg'), index: 0 }));
  await expect(evaluate(failingModel(), pictures, undefined)).rejects.toThrow('the worker has died');
});
