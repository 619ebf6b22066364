import { describe, expect, it } from 'vitest';
import { nativeBackend } from '../../../../src/node/backend/native.ts';
import { inSessions, sideBySide } from '../../../../src/node/backend/side-by-side.ts';
import type { Backend, ModelSource, Session, SessionOptions } from '../../../../src/runtime/types.ts';
import { goldenCase, goldenPath, tensorOf } from '../../../suite/fixtures.ts';

const { inputs, outputs } = goldenCase('qdq-conv');
const input = () => tensorOf('uint8', [2, 3, 8, 8], inputs['input']!.data);
const path: ModelSource = { kind: 'path', path: goldenPath('qdq-conv.onnx') };
const options = { provider: 'cpu', threads: 2, spinning: true, optimize: true, exactAccumulators: false } as const;

/** The native backend, which notes what it is asked for and opens no more than `most`. */
function counting(opened: SessionOptions[], most = 99): Backend {
  return {
    ...nativeBackend,
    open: (model, asked) => {
      opened.push(asked);
      if (opened.length > most) return Promise.reject(new Error('no room'));
      return nativeBackend.open(model, asked);
    },
  };
}

async function runAll(session: Session, count: number): Promise<void> {
  const runs = await Promise.all(Array.from({ length: count }, () => session.run({ input: input() })));
  for (const run of runs) expect([...run.outputs['output']!.data].map(Number)).toEqual(outputs['output']!.data);
}

describe('a model in several sessions', () => {
  it('answers as one does, each session on a thread of its own', async () => {
    const opened: SessionOptions[] = [];
    const session = await inSessions(counting(opened), 3).open(path, options);
    await runAll(session, 20);
    await session.close();
    expect(opened).toMatchObject([{ threads: 1 }, { threads: 1 }, { threads: 1 }]);
  });

  it('goes on with those that opened, and says so', async () => {
    const notices: string[] = [];
    const asked = { ...options, onNotice: (line: string) => void notices.push(line) };
    const session = await inSessions(counting([], 1), 2).open(path, asked);
    await runAll(session, 5);
    await session.close();
    expect(notices).toEqual(['one picture less is inferred at a time: no room']);
  });

  it('is one with all threads where one is wanted, or for another provider', async () => {
    const opened: SessionOptions[] = [];
    const backend = counting(opened, 0);
    await expect(inSessions(backend, 1).open(path, options)).rejects.toThrow('no room');
    await expect(inSessions(backend, 4).open(path, { ...options, provider: 'cuda' })).rejects.toThrow('no room');
    expect(opened).toMatchObject([{ threads: 2 }, { threads: 2, provider: 'cuda' }]);
  });

  it('runs one inference in each session at a time, and closes after the last', async () => {
    const ends: (() => void)[] = [];
    const done: string[] = [];
    const fake = (name: string): Session => ({
      ...{ backend: 'fake', provider: 'cpu', inputs: [], outputs: [], loadMs: 0 },
      run: async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        done.push(name);
        return { outputs: {}, ms: 0 };
      },
      close: async () => void done.push(`close ${name}`),
    });
    const session = sideBySide(fake('a'), [Promise.resolve(fake('b'))], () => undefined);
    await Promise.resolve();
    const runs = [session.run({}), session.run({}), session.run({})];
    await new Promise(setImmediate);
    expect(ends).toHaveLength(2);
    const closing = session.close();
    while (ends.length > 0) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    await Promise.all([...runs, closing]);
    expect(done).toHaveLength(5);
    expect(done.slice(3).sort()).toEqual(['close a', 'close b']);
  });
});
