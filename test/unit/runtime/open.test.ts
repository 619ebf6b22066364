import { describe, expect, it } from 'vitest';
import { nativeBackend } from '../../../src/node/backend/native.ts';
import { wasmBackend } from '../../../src/node/backend/wasm.ts';
import { openSession } from '../../../src/runtime/open.ts';
import type { Backend, Provider } from '../../../src/runtime/types.ts';
import { goldenPath } from '../../suite/fixtures.ts';

const candidate = (backend: Backend, provider: Provider) => ({
  backend,
  options: { provider, threads: 1, spinning: false, optimize: true, exactAccumulators: false },
});
const source = { kind: 'path', path: goldenPath('float-conv.onnx') } as const;
const absent = candidate(nativeBackend, 'webnn');
const present = candidate(wasmBackend, 'wasm');

describe('openSession', () => {
  it('takes the first one present and tells what it passed over', async () => {
    const { session, choice } = await openSession(source, [absent, present], { strict: false });
    expect(session.provider).toBe('wasm');
    expect(choice).toEqual({
      provider: 'wasm',
      backend: 'onnxruntime-web',
      skipped: [{ provider: 'webnn', backend: 'onnxruntime-node', reason: expect.stringContaining('webnn') }],
    });
    await session.close();
  });

  it('does not fall back when strict', async () => {
    await expect(openSession(source, [absent, present], { strict: true })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/strict.*webnn/),
    });
  });

  it('does not fall back from a fault of the model', async () => {
    const nowhere = { kind: 'path', path: '/nowhere/model.onnx' } as const;
    await expect(openSession(nowhere, [present, absent], { strict: false })).rejects.toMatchObject({ code: 'io' });
  });

  it('names every reason when nothing is left', async () => {
    const none = openSession(source, [absent, candidate(wasmBackend, 'cuda')], { strict: false });
    await expect(none).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/webnn \(.*cuda \(/),
    });
    await expect(openSession(source, [], { strict: false })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
