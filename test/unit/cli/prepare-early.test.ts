import type { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { prepareEarly } from '../../../src/cli/prepare-early.ts';
import { dismissWorker } from '../../../src/node/backend/start-worker.ts';

afterEach(dismissWorker);

test.each([
  [['classify', 'a.jpg', '--model', 'm.onnx'], 1],
  [['--no-cache', 'bench', '--model', 'm.onnx'], 1],
  [['convert', 'classify', '-o', 'bench'], 0],
  [['classify', 'a.jpg', '--model', 'm.onnx', '--provider', 'wasm'], 0],
  [['--version'], 0],
  [[], 0],
])('%j prepares %i workers', async (args, workers) => {
  const started: Worker[] = [];
  const count = (worker: Worker): void => void started.push(worker);
  process.on('worker', count);
  await prepareEarly(args);
  await new Promise(setImmediate);
  process.off('worker', count);
  expect(started).toHaveLength(workers);
});
