import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countNodes } from '../../../../src/node/backend/count-nodes.ts';
import { bindingFolder } from '../../../../src/node/backend/installed.ts';
import { nativeBackend, openNative, probeNative } from '../../../../src/node/backend/native.ts';
import { toOpenOptions, toOrtOptions } from '../../../../src/node/backend/options.ts';
import { probeAfresh } from '../../../../src/node/backend/probe.ts';
import { runOnce } from '../../../../src/node/backend/tensorrt.ts';
import { probeWasm } from '../../../../src/node/backend/wasm.ts';
import { explainOpen } from '../../../../src/runtime/explain.ts';
import type { SessionOptions } from '../../../../src/runtime/types.ts';
import { goldenPath } from '../../../suite/fixtures.ts';
import { folderWith } from '../folder.ts';

const options: SessionOptions = {
  ...{ provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false },
};
const all = ['fp32', 'fp16', 'int8'];

afterEach(() => vi.unstubAllEnvs());

describe('a probe', () => {
  it('lets the CPU and WASM compute in every precision, and counts the nodes', async () => {
    const [cpu, wasm] = await Promise.all([probeNative('cpu'), probeWasm()]);
    const native = { provider: 'cpu', library: 'onnxruntime-node', nodes: { cpu: expect.any(Number) } };
    expect(cpu).toEqual({ ...native, available: true, reason: '', ms: expect.any(Number), precisions: all });
    const web = { provider: 'wasm', library: 'onnxruntime-web' };
    expect(wasm).toEqual({ ...web, available: true, reason: '', ms: expect.any(Number), precisions: all });
  });

  it('asks once in the life of a process', async () => {
    expect(await probeNative('cpu')).toBe(await probeNative('cpu'));
  });

  const crashes = [
    { name: 'is ended by a signal', script: 'process.abort();', says: /ended by SIGABRT/ },
    { name: 'throws', script: "throw new Error('a broken library');", says: /exit code 1: Error: a broken library/ },
    { name: 'leaves without a word', script: 'process.exit(7);', says: /exit code 7$/ },
  ];
  it.each(crashes)('survives a library that $name, and says so', async ({ script, says }) => {
    const folder = folderWith({ 'crash.cjs': script });
    vi.stubEnv('NODE_OPTIONS', `--require ${join(folder, 'crash.cjs')}`);
    const result = await probeAfresh({ library: 'onnxruntime-node', provider: 'cpu', libraries: [] });
    expect(result).toMatchObject({ available: false, precisions: [], reason: expect.stringMatching(says) });
  });

  it('ends one that hangs', async () => {
    vi.stubEnv('NODE_OPTIONS', `--require ${join(folderWith({ 'hang.cjs': 'for (;;) {}' }), 'hang.cjs')}`);
    const result = await probeAfresh({ library: 'onnxruntime-web', provider: 'wasm', libraries: [] }, 300);
    expect(result).toMatchObject({ available: false, reason: 'it gave no answer within 0.3 s' });
  });

  it('names a library that does not load', async () => {
    const request = { library: 'onnxruntime-web', provider: 'wasm', libraries: ['/nowhere/libx.so.1'] } as const;
    expect(await probeAfresh(request)).toMatchObject({
      available: false,
      reason: expect.stringContaining('/nowhere/libx.so.1'),
    });
  });
});

describe('a library named by its path', () => {
  it.skipIf(process.platform !== 'linux')('is loaded first (Windows and macOS need none)', async () => {
    const libraries = [join(bindingFolder(), 'libonnxruntime.so.1')];
    const result = await probeAfresh({ library: 'onnxruntime-web', provider: 'wasm', libraries });
    expect(result).toMatchObject({ available: true, reason: '' });
  });
});

describe('a provider that is not here', () => {
  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'is found missing before a session opens, with the command that brings it (the others lack it in another way)',
    async () => {
      const says = expect.stringMatching(
        /providers_shared\.so beside.*ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node$/,
      );
      expect(await nativeBackend.available('cuda')).toEqual({ available: false, reason: says });
      const opening = nativeBackend.open(
        { kind: 'path', path: goldenPath('float-conv.onnx') },
        { ...options, provider: 'cuda' },
      );
      await expect(opening).rejects.toMatchObject({ code: 'unavailable', message: says });
    },
  );
});

describe('nodes', () => {
  it('are counted by provider, from a run, and leave no file', async () => {
    const folder = folderWith();
    vi.stubEnv('TMPDIR', folder);
    const path = goldenPath('float-conv.onnx');
    const counts = await countNodes((prefix) => openNative({ kind: 'path', path }, options, prefix), runOnce);
    // Conv, its Relu fused, GlobalAveragePool, Flatten, Gemm, and what the blocked layout adds.
    expect(counts).toEqual({ cpu: expect.any(Number) });
    expect(counts?.['cpu']).toBeGreaterThanOrEqual(4);
  });
});

describe('strict', () => {
  it('refuses nodes on the CPU beside another provider', () => {
    const extra = (provider: 'cpu' | 'webgpu', strict: boolean) =>
      toOrtOptions('onnxruntime-node', toOpenOptions({ ...options, provider, strict }, 0)).extra?.session;
    expect(extra('webgpu', true)).toHaveProperty('disable_cpu_ep_fallback', '1');
    expect(extra('webgpu', false)).not.toHaveProperty('disable_cpu_ep_fallback');
    expect(extra('cpu', true)).not.toHaveProperty('disable_cpu_ep_fallback');
    const said = new Error(
      'graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.',
    );
    expect(explainOpen(said, 'onnxruntime-node', 'webgpu', 'm.onnx')).toEqual({
      code: 'unsupported',
      message: expect.stringMatching(/^strict: expected webgpu to run every node of m\.onnx, /),
    });
  });
});
