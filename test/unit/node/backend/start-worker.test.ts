import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toOpenOptions } from '../../../../src/node/backend/options.ts';
import { dismissWorker, prepareWorker } from '../../../../src/node/backend/start-worker.ts';
import { openInWorker } from '../../../../src/node/backend/worker-session.ts';
import type { Session } from '../../../../src/runtime/types.ts';
import { goldenBytes, goldenCase, tensorOf } from '../../../suite/fixtures.ts';

const { inputs, outputs } = goldenCase('qdq-conv');
const input = tensorOf('uint8', [2, 3, 8, 8], inputs['input']!.data);
const options = toOpenOptions(
  { provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false },
  0,
);
const open = (): Promise<Session> =>
  openInWorker('onnxruntime-node', { kind: 'bytes', bytes: goldenBytes('qdq-conv.onnx') }, options);

async function expectAnswer(session: Session): Promise<void> {
  const run = await session.run({ input });
  expect([...run.outputs['output']!.data].map(Number)).toEqual(outputs['output']!.data);
  await session.close();
}

describe('a worker that is prepared', () => {
  let started: Worker[] = [];
  const count = (worker: Worker): void => void started.push(worker);
  beforeEach(() => {
    started = [];
    process.on('worker', count);
  });
  const prepare = async (): Promise<void> => {
    const worker = once(process, 'worker');
    prepareWorker();
    await worker;
  };
  afterEach(() => {
    process.off('worker', count);
    dismissWorker();
  });

  it('holds the next model that is opened, and no other one', async () => {
    await prepare();
    prepareWorker();
    const sessions = [await open(), await open()];
    expect(started).toHaveLength(2);
    for (const session of sessions) await expectAnswer(session);
  });

  it('is not waited for once it is dead', async () => {
    await prepare();
    await started[0]!.terminate();
    await expectAnswer(await open());
    expect(started).toHaveLength(2);
  });

  it('ends when nothing is to be opened', async () => {
    await prepare();
    const ended = new Promise((resolve) => started[0]!.once('exit', resolve));
    dismissWorker();
    await ended;
    await expectAnswer(await open());
    expect(started).toHaveLength(2);
  });

  it('keeps no process alive', async () => {
    const module = new URL('../../../../src/node/backend/start-worker.ts', import.meta.url);
    const ends = ['', 'setTimeout(process.exit, 30)', 'dismissWorker()'];
    const runs = ends.map(async (end) => {
      const script = `import(${JSON.stringify(module.href)}).then(({ prepareWorker, dismissWorker }) => { prepareWorker(); ${end} });`;
      return await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script], { timeout: 15_000 });
    });
    expect(await Promise.all(runs)).toEqual(ends.map(() => ({ stdout: '', stderr: '' })));
  });
});
