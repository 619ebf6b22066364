import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, ModelSource, Provider, Session, SessionOptions } from '../../src/runtime/types.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { goldenBytes, goldenCase, goldenPath, type PassedType, tensorOf } from './fixtures.ts';

const path = (file: string): ModelSource => ({ kind: 'path', path: goldenPath(file) });
const bytes = (content: Uint8Array): ModelSource => ({ kind: 'bytes', bytes: content });

const float = goldenCase('float-conv');
const qdq = goldenCase('qdq-conv');
const input = (batch: number): Tensor =>
  tensorOf('float32', [batch, 3, 8, 8], float.inputs['input']!.data.slice(0, batch * 192));

/** What every backend must do, as vitest cases. `provider` is one that the backend has here, `absent` one that it never has. */
export function describeBackend(backend: Backend, provider: Provider, absent: Provider): void {
  describe(`${backend.name} on ${provider}`, () => {
    const options: SessionOptions = { provider, threads: 1, spinning: false, optimize: true, exactAccumulators: false };
    let folder: string;
    let session: Session;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'resedge-test-'));
      session = await backend.open(path('float-conv.onnx'), options);
    });
    afterAll(async () => {
      await session.close();
      rmSync(folder, { recursive: true });
    });

    function expectLogits(outputs: Readonly<Record<string, Tensor>>, batch: number): void {
      const logits = outputs['logits']!;
      expect(logits.dims).toEqual([batch, 5]);
      expect(logits.data).toBeInstanceOf(Float32Array);
      float.outputs['logits']!.data.slice(0, batch * 5).forEach((value, at) => {
        expect(Math.abs(Number(logits.data[at]) - value)).toBeLessThan(1e-5);
      });
    }

    it('is available here', async () => {
      expect(await backend.available(provider)).toEqual({ available: true });
    });

    it('tells what it opened', () => {
      expect(session.backend).toBe(backend.name);
      expect(session.provider).toBe(provider);
      expect(session.loadMs).toBeGreaterThan(0);
      expect(session.inputs).toEqual([{ name: 'input', dtype: 'float32', dims: ['N', 3, 8, 8] }]);
      expect(session.outputs).toEqual([
        { name: 'logits', dtype: 'float32', dims: ['N', 5] },
        { name: 'pool', dtype: 'float32', dims: ['N', 4, 1, 1] },
      ]);
    });

    it.each([1, 2, 3])('computes a float convolution, batch %i', async (batch) => {
      const { outputs, ms } = await session.run({ input: input(batch) });
      expectLogits(outputs, batch);
      expect(Object.keys(outputs)).toEqual(['logits', 'pool']);
      expect(ms).toBeGreaterThan(0);
    });

    it('fetches only the outputs asked for', async () => {
      const { outputs } = await session.run({ input: input(1) }, ['pool']);
      expect(Object.keys(outputs)).toEqual(['pool']);
    });

    it('leaves the feeds usable, also those in a shared pool', async () => {
      const pool = new Float32Array(1000);
      const view = pool.subarray(100, 292);
      view.set(input(1).data as Float32Array);
      for (let i = 0; i < 3; i++)
        expectLogits((await session.run({ input: { dtype: 'float32', dims: [1, 3, 8, 8], data: view } })).outputs, 1);
      expect([...view]).toEqual([...input(1).data]);
      expect(pool.byteLength).toBe(4000);
    });

    it('keeps the results of runs apart when many are under way', async () => {
      const runs = [1, 3, 2, 1, 3, 2, 1, 3].map(async (batch) =>
        expectLogits((await session.run({ input: input(batch) })).outputs, batch),
      );
      expect(await Promise.all(runs)).toHaveLength(8);
    });

    it.each([
      { name: 'optimized', optimize: true, exactAccumulators: false },
      { name: 'as written', optimize: false, exactAccumulators: false },
      { name: 'with exact accumulators', optimize: true, exactAccumulators: true },
    ])('computes a quantized convolution to the bit, $name', async (variant) => {
      const quantized = await backend.open(path('qdq-conv.onnx'), { ...options, ...variant });
      const { outputs } = await quantized.run({ input: tensorOf('uint8', [2, 3, 8, 8], qdq.inputs['input']!.data) });
      await quantized.close();
      const output = outputs['output']!;
      expect(output.dtype).toBe('uint8');
      expect([...output.data].map(Number)).toEqual(qdq.outputs['output']!.data);
    });

    it('runs with two threads, and with as many as it likes', async () => {
      for (const threads of [2, 0]) {
        const threaded = await backend.open(path('float-conv.onnx'), { ...options, threads });
        expectLogits((await threaded.run({ input: input(2) })).outputs, 2);
        await threaded.close();
      }
    });

    it('opens bytes and leaves them alone', async () => {
      const file = goldenBytes('float-conv.onnx');
      const framed = new Uint8Array(file.length + 20);
      framed.set(file, 10);
      const opened = await backend.open(bytes(framed.subarray(10, 10 + file.length)), options);
      expectLogits((await opened.run({ input: input(1) })).outputs, 1);
      await opened.close();
      expect(framed.subarray(10, 10 + file.length)).toEqual(file);
    });

    it('carries every element type through, and an empty batch', async () => {
      const values: Readonly<Record<PassedType, readonly number[]>> = {
        float32: [1.5, -2],
        float16: [0x3c00, 0xfbff],
        uint8: [0, 255],
        int8: [-128, 127],
        uint16: [0, 65535],
        int16: [-32768, 32767],
        int32: [-2147483648, 2147483647],
        int64: [-5, Number.MAX_SAFE_INTEGER],
        bool: [0, 1],
      };
      const types = await backend.open(path('types.onnx'), options);
      const dtypes = Object.keys(values) as PassedType[];
      expect(types.inputs.map((info) => info.dtype).sort()).toEqual(dtypes.toSorted());
      for (const kept of [2, 0]) {
        const feeds = Object.fromEntries(
          dtypes.map((dtype) => [`in.${dtype}`, tensorOf(dtype, [kept], values[dtype].slice(0, kept))]),
        );
        const { outputs } = await types.run(feeds);
        for (const dtype of dtypes) expect(outputs[`out.${dtype}`]).toEqual(feeds[`in.${dtype}`]);
      }
      await types.close();
    });

    it('lets the event loop turn during an inference', async () => {
      const slow = await backend.open(path('slow.onnx'), options);
      const feed = tensorOf('float32', [8, 8, 64, 64], new Array(8 * 8 * 64 * 64).fill(0.5));
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      const { ms } = await slow.run({ input: feed });
      clearInterval(timer);
      await slow.close();
      expect(ms).toBeGreaterThan(5);
      expect(turns).toBeGreaterThan(1);
    });

    it('finishes the runs asked for before it closes, and refuses later ones', async () => {
      const slow = await backend.open(path('slow.onnx'), options);
      const feed = tensorOf('float32', [1, 8, 64, 64], new Array(8 * 64 * 64).fill(0.5));
      const runs = [slow.run({ input: feed }), slow.run({ input: feed })];
      const order: string[] = [];
      const done = Promise.all(runs.map((run) => run.then(() => order.push('run'))));
      await Promise.all([done, slow.close().then(() => order.push('close')), slow.close()]);
      expect(order).toEqual(['run', 'run', 'close']);
      await expect(slow.run({ input: feed })).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('closed'),
      });
      await slow.close();
    });

    const wrong: readonly {
      readonly name: string;
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly says: RegExp;
    }[] = [
      { name: 'no input', feeds: {}, says: /expected the inputs input, came none/ },
      { name: 'another name', feeds: { image: input(1) }, says: /expected the inputs input, came image/ },
      { name: 'one too many', feeds: { input: input(1), more: input(1) }, says: /came more too/ },
      {
        name: 'another type',
        feeds: { input: tensorOf('uint8', [1, 3, 8, 8], new Array(192).fill(0)) },
        says: /expected float32.*came uint8/,
      },
      {
        name: 'another shape',
        feeds: { input: tensorOf('float32', [1, 8, 8, 3], new Array(192).fill(0)) },
        says: /\[N, 3, 8, 8\].*\[1, 8, 8, 3\]/,
      },
      {
        name: 'another rank',
        feeds: { input: tensorOf('float32', [192], new Array(192).fill(0)) },
        says: /came \[192\]/,
      },
      {
        name: 'too few values',
        feeds: { input: tensorOf('float32', [1, 3, 8, 8], [1]) },
        says: /expected 192 values.*came 1/,
      },
    ];
    it.each(wrong)('names what is wrong with the feeds: $name', async ({ feeds, says }) => {
      await expect(session.run(feeds)).rejects.toMatchObject({ code: 'input', message: expect.stringMatching(says) });
      expectLogits((await session.run({ input: input(1) })).outputs, 1);
    });

    it('names an output that the model lacks', async () => {
      const run = session.run({ input: input(1) }, ['scores']);
      await expect(run).rejects.toMatchObject({
        code: 'input',
        message: expect.stringContaining('among logits, pool, came scores'),
      });
    });

    it.each([
      { name: 'text', content: new TextEncoder().encode('this is no model, but a text of some length') },
      { name: 'nothing', content: new Uint8Array(0) },
      { name: 'a cut file', content: goldenBytes('float-conv.onnx').subarray(0, 500) },
    ])('refuses $name', async ({ content }) => {
      const refused = { code: 'input', message: expect.stringContaining(backend.name) };
      await expect(backend.open(bytes(content), options)).rejects.toMatchObject(refused);
    });

    it('names the file that it refuses', async () => {
      const file = join(folder, 'broken.onnx');
      writeFileSync(file, goldenBytes('float-conv.onnx').subarray(0, 500));
      const refused = { code: 'input', message: expect.stringContaining(file) };
      await expect(backend.open({ kind: 'path', path: file }, options)).rejects.toMatchObject(refused);
    });

    it('refuses a path without a file, and a folder', async () => {
      const nowhere = { kind: 'path', path: join(folder, 'none.onnx') } as const;
      await expect(backend.open(nowhere, options)).rejects.toMatchObject({
        code: 'io',
        message: expect.stringContaining('none.onnx'),
      });
      const dir = { kind: 'path', path: folder } as const;
      await expect(backend.open(dir, options)).rejects.toMatchObject({
        code: 'input',
        message: expect.stringContaining('not a file'),
      });
    });

    it('says that a provider it lacks is unavailable', async () => {
      expect(await backend.available(absent)).toMatchObject({
        available: false,
        reason: expect.stringContaining(absent),
      });
      await expect(backend.open(path('float-conv.onnx'), { ...options, provider: absent })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(absent),
      });
    });
  });
}
