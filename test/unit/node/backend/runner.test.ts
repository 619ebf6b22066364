import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { externalize } from '../../../../src/node/backend/externalize.ts';
import { runModel } from '../../../../src/node/backend/runner.ts';
import { goldenBytes, goldenCase, tensorOf } from '../../../suite/fixtures.ts';

const file = goldenBytes('wide.onnx');
const { inputs, outputs } = goldenCase('wide');
const feeds = { input: tensorOf('float32', [2, 128], inputs['input']!.data) };

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

describe('runModel', () => {
  let folder: string;
  /** What resedge left there; the native library and the TypeScript loader put files of their own beside it. */
  const left = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('resedge-'));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'resedge-runner-'));
  });
  beforeEach(() => {
    vi.stubEnv('TMPDIR', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    { size: 1000, optimize: true },
    { size: 100_000, optimize: true },
    { size: 100_000, optimize: false },
  ])(
    'runs a mapped model given in chunks of $size bytes, optimize $optimize, and leaves no file',
    async ({ size, optimize }) => {
      const model = await runModel(chunksOf(file, size), { optimize });
      expect(left()).toEqual([]);
      for (let run = 0; run < 2; run++) {
        const { output } = await model.run(feeds);
        expect([...output!.data].map(Number)).toEqual(outputs['output']!.data);
      }
      await model.close();
    },
  );

  it('tells what is executed where that is asked for, and leaves no file', async () => {
    const fused = await runModel([goldenBytes('qdq-conv.onnx')], { optimize: true, explain: true });
    const written = await runModel([goldenBytes('qdq-conv.onnx')], { optimize: false, explain: true });
    const mapped = await runModel([file], { optimize: true, explain: true });
    expect(left()).toEqual([]);
    expect(fused.executed?.map(({ op }) => op)).toContain('QLinearConv');
    expect(written.executed?.map(({ op }) => op)).toContain('Conv');
    expect(mapped.executed?.length).toBeGreaterThan(0);
    const unasked = await runModel([file], { optimize: true });
    expect(unasked.executed).toBeUndefined();
    for (const model of [fused, written, mapped, unasked]) await model.close();
  });

  it('runs a model without large tensors from memory, and fetches what is asked for', async () => {
    const model = await runModel([goldenBytes('float-conv.onnx')], { optimize: false });
    const input = tensorOf('float32', [1, 3, 8, 8], new Array(192).fill(0));
    expect(Object.keys(await model.run({ input }, ['pool']))).toEqual(['pool']);
    await model.close();
  });

  it.each([
    { name: 'a cut model', bytes: file.subarray(0, 70_000), says: /cut off at byte 70000/ },
    { name: 'text', bytes: new TextEncoder().encode('this is no model'), says: /expected an ONNX model/ },
    { name: 'a number without end', bytes: new Uint8Array(20).fill(0xff), says: /no end/ },
  ])('refuses $name and leaves no file', async ({ bytes, says }) => {
    await expect(runModel(chunksOf(bytes, 999), { optimize: true })).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(says),
    });
    expect(left()).toEqual([]);
  });

  it('says where there is no room', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'missing'));
    await expect(runModel([file], { optimize: true })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('TMPDIR'),
    });
  });
});

describe('externalize', () => {
  it('gives the same whatever the chunks, with the values aligned and whole', () => {
    const results = [1, 7, 4096, file.length].map((size) => {
      const weights = new Uint8Array(2 ** 17);
      const model = externalize(chunksOf(file, size), 'weights.bin', (part, position) => weights.set(part, position));
      return { model, weights };
    });
    const { model, weights } = results[0]!;
    for (const other of results) {
      expect(Buffer.compare(other.model, model)).toBe(0);
      expect(Buffer.compare(other.weights, weights)).toBe(0);
    }
    expect(model.length).toBeLessThan(1000);
    const original = Buffer.from(file).indexOf(weights.subarray(0, 81_920));
    expect(original).toBeGreaterThan(0);
  });

  it('changes nothing in a model without large tensors', () => {
    for (const name of ['float-conv.onnx', 'qdq-conv.onnx', 'types.onnx', 'slow.onnx']) {
      const bytes = goldenBytes(name);
      const same = externalize([bytes], 'weights.bin', () => expect.unreachable('nothing is large'));
      expect(Buffer.compare(same, bytes)).toBe(0);
    }
  });
});
