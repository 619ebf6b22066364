import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { CLASSES, contents, json, refuse, succeed, WEIGHTS } from './resedge.ts';

const shared = mkdtempSync(join(tmpdir(), 'resedge-page-'));
const fp16 = join(shared, 'fp16.onnx');
const fp32 = join(shared, 'fp32.onnx');
const MAX_GZIPPED = 60_000;

beforeAll(async () => {
  const labels = join(shared, 'labels.txt');
  writeFileSync(labels, CLASSES.join('\n'));
  await succeed(['convert', WEIGHTS, '-o', fp16, '--precision', 'fp16', '--labels', labels]);
  await succeed(['convert', WEIGHTS, '-o', fp32, '--precision', 'fp32', '--labels', labels]);
});
afterAll(() => rmSync(shared, { recursive: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const files = (folder: string): readonly string[] =>
  contents(folder)
    .map((line) => line.replace(/ \d+$/, ''))
    .filter((line) => !line.endsWith(' '));

/** The hashes that the service worker knows the files by. */
function knownHashes(page: string): Readonly<Record<string, string>> {
  const [line = ''] = readFileSync(join(page, 'sw.js'), 'utf8').split('\n');
  return JSON.parse(line.replace(/^const FILES=/, '').replace(/;$/, ''));
}

describe('a page', () => {
  test('holds the models by their hashes, the runtime, and a service worker that knows every file', async () => {
    const page = join(folderWith(), 'made/page');
    const stdout = await succeed(['page', '-o', page, '--model', fp16, '--model', fp32]);
    expect(stdout).toMatch(/network +resnet20\n +fp16 +fp16\.onnx, \d+ kB\n +fp32 +fp32\.onnx/);
    const models = [fp16, fp32].map((path) => `models/${sha256(readFileSync(path))}.onnx`);
    const known = knownHashes(page);
    expect(Object.keys(known).sort()).toEqual(files(page).filter((path) => path !== 'sw.js'));
    for (const [path, hash] of Object.entries(known))
      expect([path, sha256(readFileSync(join(page, path)))]).toEqual([path, hash]);
    expect(files(page)).toEqual(
      [
        ...[
          'index.html',
          'manifest.json',
          'page.js',
          'style.css',
          'sw.js',
          'worker-chunk.js',
          'worker-teacher.js',
          'worker.js',
          ...models,
        ],
        ...['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'].map(
          (name) => `ort/${name}`,
        ),
        ...['ort.webgpu.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs'].map((name) => `ort/${name}`),
        'ort/ort-wasm-simd-threaded.asyncify.wasm',
      ].sort(),
    );
    expect(JSON.parse(readFileSync(join(page, 'manifest.json'), 'utf8'))).toMatchObject({
      arch: 'resnet20',
      models: [
        { path: models[0], name: 'fp16.onnx', precision: 'fp16', scheme: null },
        { path: models[1], name: 'fp32.onnx', precision: 'fp32', scheme: null },
      ],
      profiles: [{ id: 'browser-wasm' }, { id: 'browser-webgpu' }, { id: 'browser-webnn-npu' }],
    });
  });

  test('is brought up to date in its place, for WASM alone: old models go, and its own code is small', async () => {
    const page = folderWith();
    const wasm = ['--device', 'browser-wasm'];
    await succeed(['page', '-o', page, '--model', fp16, ...wasm]);
    writeFileSync(join(page, 'robots.txt'), 'mine');
    const found = await json(['page', '-o', page, '--model', fp32, ...wasm]);
    expect(found).toMatchObject({ folder: page, manifest: { profiles: [{ id: 'browser-wasm' }] } });
    expect(readdirSync(join(page, 'models'))).toEqual([`${sha256(readFileSync(fp32))}.onnx`]);
    expect(readFileSync(join(page, 'robots.txt'), 'utf8')).toBe('mine');
    expect(Object.keys(knownHashes(page)).filter((path) => /onnx$|asyncify|webgpu/.test(path))).toHaveLength(1);
    const own = files(page).filter((path) => !/\/|robots/.test(path));
    const gzipped = own.reduce((sum, path) => sum + gzipSync(readFileSync(join(page, path))).length, 0);
    expect(gzipped).toBeLessThanOrEqual(MAX_GZIPPED);
  });
});

test('what cannot be one page is refused in one line, and nothing is left behind', async () => {
  await refuse(['page', '-o', 'page', '--model', fp16, '--model', fp16], {
    code: 2,
    says: /expected one model of each precision/,
  });
  await refuse(['page', '-o', 'page', '--model', 'm.ort'], {
    code: 1,
    says: /m\.ort: expected an ONNX model, found one in ONNX Runtime's format/,
    folder: folderWith({ 'm.ort': '\x20\0\0\0ORTM' }),
  });
});
