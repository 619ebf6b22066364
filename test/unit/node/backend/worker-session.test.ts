import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { toOpenOptions } from '../../../../src/node/backend/options.ts';
import { startWorker } from '../../../../src/node/backend/start-worker.ts';
import { openInWorker } from '../../../../src/node/backend/worker-session.ts';
import type { ModelSource } from '../../../../src/runtime/types.ts';
import { goldenBytes, goldenCase, goldenPath, tensorOf } from '../../../suite/fixtures.ts';

const { inputs, outputs } = goldenCase('qdq-conv');
const input = tensorOf('uint8', [2, 3, 8, 8], inputs['input']!.data);
const options = toOpenOptions(
  { provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false },
  0,
);
const path: ModelSource = { kind: 'path', path: goldenPath('qdq-conv.onnx') };
const info = { dtype: 'uint8', dims: ['N', 3, 8, 8] } as const;

/** A worker that opens the model as any other and dies of the first run. */
function mortal(death: string): Worker {
  const opened = {
    kind: 'opened',
    id: 0,
    inputs: [{ name: 'input', ...info }],
    outputs: [{ name: 'output', ...info }],
  };
  const script = `const { parentPort } = require('node:worker_threads');
    parentPort.postMessage(${JSON.stringify(opened)});
    parentPort.on('message', () => { ${death} });`;
  return new Worker(script, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
}

const DEATHS = {
  'of an error': "throw new Error('broken');",
  'of too little memory': 'const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));',
  'by leaving': 'process.exit(3);',
};

describe('a session whose worker dies', () => {
  it.each(Object.entries(DEATHS))('%s gets another one, which does the run, and says so once', async (_, death) => {
    const notices: string[] = [];
    let started = 0;
    const session = await openInWorker('onnxruntime-node', path, options, {
      onNotice: (line) => notices.push(line),
      start: (request) => (started++ === 0 ? mortal(death) : startWorker(request)),
    });
    const runs = await Promise.all([session.run({ input }), session.run({ input }), session.run({ input })]);
    for (const run of [...runs, await session.run({ input })])
      expect([...run.outputs['output']!.data].map(Number)).toEqual(outputs['output']!.data);
    expect(started).toBe(2);
    expect(notices).toEqual([
      expect.stringMatching(/^the worker that runs the model was replaced, .* worker to answer/),
    ]);
    await session.close();
  });

  it('between two runs gets another one, from the same bytes', async () => {
    const workers: Worker[] = [];
    const bytes = goldenBytes('qdq-conv.onnx');
    const session = await openInWorker('onnxruntime-node', { kind: 'bytes', bytes }, options, {
      start: (request) => {
        const worker = startWorker(request);
        workers.push(worker);
        return worker;
      },
    });
    await session.run({ input });
    await workers[0]!.terminate();
    const run = await session.run({ input });
    expect([...run.outputs['output']!.data].map(Number)).toEqual(outputs['output']!.data);
    await workers[1]!.terminate();
    await expect(session.run({ input })).rejects.toMatchObject({ code: 'internal' });
    expect(workers).toHaveLength(2);
    await session.close();
  });

  it('stays dead where nobody wants another one', async () => {
    const start = (): Worker => mortal(DEATHS['by leaving']);
    const session = await openInWorker('onnxruntime-node', path, options, { start, replace: false });
    await expect(session.run({ input })).rejects.toMatchObject({ code: 'internal' });
    await session.close();
  });
});
