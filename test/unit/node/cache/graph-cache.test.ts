import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeBackend } from '../../../../src/node/backend/native.ts';
import { type GraphCache, graphCache } from '../../../../src/node/cache/graph-cache.ts';
import { graphKey } from '../../../../src/node/cache/graph-key.ts';
import { modelFile } from '../../../../src/node/cache/model-file.ts';
import { readMachine } from '../../../../src/node/device/machine.ts';
import { bundledModel } from '../../../../src/node/model/bundled.ts';
import { convertFile } from '../../../../src/node/model/convert-file.ts';
import { noiseInput } from '../../../../src/node/model/noise-input.ts';
import { identify } from '../../../../src/onnx/identify.ts';
import { scoresOf } from '../../../../src/runtime/scores.ts';
import { folderWith } from '../folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-graphs-'));
const path = join(folder, 'fp32.onnx');
const machine = readMachine();
let expected: readonly number[] = [];
const plain = { provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false } as const;

beforeAll(async () => {
  const { weights, labels, preprocessing } = bundledModel('resnet20-cifar10');
  await convertFile({ weights, output: path, arch: 'auto', preprocessing, labels });
  expected = await scores();
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void vi.stubEnv('RESEDGE_CACHE', join(folderWith(), 'cache')));
afterEach(() => void vi.unstubAllEnvs());

const content = (): Uint8Array => readFileSync(path);
const graphs = (): string => join(process.env['RESEDGE_CACHE'] ?? '', 'graphs');
const weightsKept = (): string => join(graphs(), readdirSync(graphs())[0] ?? '', 'weights.bin');

function cacheOf(bytes: () => Uint8Array = content): GraphCache | undefined {
  return graphCache({ file: modelFile(path), content: bytes, machine, backend: nativeBackend, largeModel: 0 });
}

/** The scores of one picture of noise. */
async function scores(backend = nativeBackend): Promise<readonly number[]> {
  const session = await backend.open({ kind: 'path', path }, plain);
  try {
    return [...(await scoresOf(session, noiseInput(identify(path, content()).preprocessing))).data];
  } finally {
    await session.close();
  }
}

async function opened(cache = cacheOf()): Promise<GraphCache> {
  if (cache === undefined) throw new Error('expected a cache');
  expect(await scores(cache.backend)).toEqual(expected);
  return cache;
}

const DAMAGES: readonly ((weights: string) => void)[] = [
  (weights) => {
    const bytes = readFileSync(weights);
    bytes[70_000]! ^= 1;
    writeFileSync(weights, bytes);
  },
  (weights) => truncateSync(weights, 1000),
  (weights) => rmSync(weights.replace('weights.bin', 'seal.json')),
  (weights) => writeFileSync(weights.replace('weights.bin', 'model.onnx'), 'other'),
];

describe('the cache of optimized graphs', () => {
  it('keeps a whole entry at the first opening, and opens it at the second, with the same scores', async () => {
    expect((await opened()).header).toBeUndefined();
    expect(readdirSync(graphs())).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    const second = await opened(
      cacheOf(() => {
        throw new Error('read though the graph is kept');
      }),
    );
    expect(second.warnings).toEqual([]);
    const header = second.header ?? '';
    expect(identify(header, readFileSync(header))).toEqual(identify(path, content()));
  });

  it('opens what it kept in the same process as well', async () => {
    let reads = 0;
    const cache = cacheOf(() => {
      reads++;
      return content();
    });
    await opened(cache);
    await opened(cache);
    expect(reads).toBe(1);
  });

  it('finds damage, says so once, and makes the entry again', async () => {
    await opened();
    const [weights, whole] = [weightsKept(), readFileSync(weightsKept())];
    for (const damage of DAMAGES) {
      damage(weights);
      const { warnings } = await opened();
      expect(warnings).toEqual([
        expect.stringMatching(/^the optimized graph kept in .* was damaged, it is made again$/),
      ]);
      expect(weightsKept()).toBe(weights);
      expect(readFileSync(weights).equals(whole)).toBe(true);
    }
    expect((await opened()).warnings).toEqual([]);
  });

  it('runs where nothing can be written, and says so in one line', async () => {
    vi.stubEnv('RESEDGE_CACHE', join(folderWith({ file: '' }), 'file'));
    const { warnings } = await opened();
    expect(warnings).toEqual([
      expect.stringMatching(/^the optimized graph is not kept for the next start: expected a folder .*RESEDGE_CACHE/),
    ]);
  });

  it('keeps nothing of a model whose weights lie in other files', async () => {
    const elsewhere = new Uint8Array(new TextEncoder().encode('..\n\x08location..'));
    expect((await opened(cacheOf(() => elsewhere))).warnings).toEqual([]);
    expect(() => readdirSync(graphs())).toThrow(/ENOENT/);
  });

  it('is not there when it is off, or for a small model', () => {
    expect(graphCache({ file: modelFile(path), content, machine, backend: nativeBackend })).toBeUndefined();
    vi.stubEnv('RESEDGE_CACHE', 'off');
    expect(cacheOf()).toBeUndefined();
  });

  it('has an entry of its own for another model, processor and instruction set', () => {
    const keys = [
      graphKey('ab', machine),
      graphKey('cd', machine),
      graphKey('ab', { ...machine, model: 'another' }),
      graphKey('ab', { ...machine, cpuFeatures: ['avx2'] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(graphKey('ab', { ...machine })).toBe(keys[0]);
  });
});
