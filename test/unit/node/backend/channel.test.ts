import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { openChannel } from '../../../../src/node/backend/channel.ts';
import type { OpenRequest } from '../../../../src/node/backend/protocol.ts';

const request: OpenRequest = {
  library: 'onnxruntime-node',
  model: { kind: 'path', path: 'model.onnx' },
  options: {
    provider: 'cpu',
    threads: 1,
    spinning: false,
    optimize: true,
    exactAccumulators: false,
    level: 'all',
    arena: true,
  },
};

/** A worker that opens, and does `onMessage` when it is asked anything. */
const workerThat = (onMessage: string) => (): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.postMessage({ kind: 'opened', id: 0, inputs: [], outputs: [] });
     parentPort.on('message', () => { ${onMessage} });`,
    { eval: true },
  );

describe('a worker that dies', () => {
  it.each([
    { how: 'by leaving', onMessage: 'process.exit(3);', says: /exit code 3/ },
    { how: 'by an error', onMessage: "throw new Error('broken');", says: /broken/ },
  ])('$how rejects all runs under way, and later ones, and still closes', async ({ onMessage, says }) => {
    const channel = openChannel(request, workerThat(onMessage));
    await channel.opened;
    const died = { code: 'internal', message: expect.stringMatching(says) };
    const runs = [1, 2].map(() => channel.run({ feeds: [], outputs: [] }));
    await Promise.all(runs.map((run) => expect(run).rejects.toMatchObject(died)));
    await expect(channel.run({ feeds: [], outputs: [] })).rejects.toMatchObject(died);
    await channel.close();
  });

  it('before it opens rejects the opening', async () => {
    const channel = openChannel(request, () => new Worker('process.exit(1)', { eval: true }));
    await expect(channel.opened).rejects.toMatchObject({ code: 'internal' });
  });
});
