import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readBytes } from '../../../../src/node/files.ts';
import { pull } from '../../../../src/node/hub/pull.ts';
import { resolveSource } from '../../../../src/node/hub/resolve-source.ts';
import { hubSource } from '../../../../src/node/hub/source.ts';
import { openNetwork } from '../../../../src/node/model/open-network.ts';
import { seededFile } from '../../converter/networks.ts';
import { tfjsFiles } from '../../converter/tfjs/sources.ts';
import { folderWith } from '../folder.ts';
import { type Answer, file, serve, status } from './server.ts';
import { sharded } from './sharded.ts';

type Files = Readonly<Record<string, Uint8Array>>;

const COMMIT = 'd'.repeat(40);
const patience = { firstMs: 1, mostMs: 4 };
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const named = (text: string) => hubSource(text) ?? expect.fail('a path');
const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../golden/onnx/sources/${name}`, import.meta.url));

/** TensorFlow.js's model, its weights over three shards. */
function tfjs(): Files {
  const { json, shards } = tfjsFiles('fused');
  const [whole] = Object.values(shards);
  const third = Math.ceil(whole!.length / 3);
  const paths = [0, 1, 2].map((i) => `group1-shard${i + 1}of3.bin`);
  const [group] = json.weightsManifest;
  const parts = paths.map((path, i) => [path, whole!.subarray(i * third, (i + 1) * third)] as const);
  return { 'model.json': bytesOf({ ...json, weightsManifest: [{ ...group, paths }] }), ...Object.fromEntries(parts) };
}

/** A hub with one repository, which also serves its files below `/files/`; `answers` stand in for some of them. */
async function hub(files: Files, answers: Readonly<Record<string, Answer>> = {}) {
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    lfs: { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length },
  }));
  const server = await serve((response, request) => {
    const { pathname } = new URL(request.url ?? '', 'http://hub');
    if (pathname.startsWith('/api/models/acme/net/')) {
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
      return;
    }
    const [, name = ''] = /^\/(?:files|acme\/net\/resolve\/d{40})\/(.+)$/.exec(pathname) ?? [];
    const found = files[name];
    (answers[name] ?? (found ? file(found) : status(404)))(response, request);
  });
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HF_ENDPOINT', server.url);
  vi.stubEnv('RESEDGE_CACHE', folderWith());
  return server;
}

async function opened(path: string) {
  return await openNetwork(path, readBytes(path, 'a model'), '', 'auto');
}

const shards = { 'config.json': bytesOf({}), ...sharded(seededFile({ depths: [1, 1] }), 3) };
const external = { 'external.onnx': golden('external.onnx'), 'external.bin': golden('external.bin') };

test.each<readonly [string, Files, string, string, string]>([
  ['a TensorFlow.js model', tfjs(), '', 'model.json', 'tfjs-graph'],
  ['an index of safetensors', shards, '', 'model.safetensors.index.json', 'safetensors'],
  ['an ONNX model with external data', external, '/external.onnx', 'external.onnx', 'onnx'],
])('%s of a repository comes with the files that it names, each checked', async (_, files, chosen, main, format) => {
  const { asked } = await hub(files);
  const { weights, folder, files: pulled } = await pull(named(`hf:acme/net${chosen}`), { patience });
  expect(weights).toBe(join(folder, main));
  expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  expect(pulled.every(({ check, kept }) => check.kind === 'sha256' && !kept)).toBe(true);
  expect(await opened(weights)).toMatchObject({ format });
  const requests = asked.length;
  expect(await resolveSource(`hf:acme/net${chosen}`, { offline: true })).toEqual({ path: weights, pulled: true });
  expect(asked).toHaveLength(requests);
});

test('an address of a model.json brings its shards, asked for with the same query', async () => {
  const files = tfjs();
  const { url, asked } = await hub(files, {
    'group1-shard2of3.bin': file(files['group1-shard2of3.bin']!),
  });
  const { path } = await resolveSource(`${url}/files/model.json?key=secret`);
  expect((await opened(path)).classes).toBe(5);
  expect(asked.map(({ url: one }) => one)).toEqual(
    ['model.json', 1, 2, 3].map(
      (one) => `/files/${one === 'model.json' ? one : `group1-shard${one}of3.bin`}?key=secret`,
    ),
  );
});

test('a shard whose connection is cut is gone on with, one that is wrong is not kept', async () => {
  const files = tfjs();
  const name = 'group1-shard2of3.bin';
  let cuts = 1;
  const cut: Answer = (response, request) => file(files[name]!, cuts-- > 0 ? { cutAfter: 100 } : {})(response, request);
  const { asked } = await hub(files, { [name]: cut });
  const { weights } = await pull(named('hf:acme/net'), { patience });
  expect(asked.filter(({ headers }) => headers.range === 'bytes=100-')).toHaveLength(1);
  expect((await opened(weights)).classes).toBe(5);
  const wrong = files[name]!.map((byte) => byte ^ 1);
  await hub(files, { [name]: file(wrong) });
  const folder = folderWith();
  await expect(pull(named('hf:acme/net'), { folder, patience })).rejects.toThrow(/shard2of3\.bin: expected SHA-256/);
  expect(readdirSync(folder).sort()).toEqual(['group1-shard1of3.bin', 'model.json']);
});

test('a shard that the repository lacks, and one offline that was not pulled, are named', async () => {
  const { 'group1-shard3of3.bin': _, ...lacking } = tfjs();
  await hub(lacking);
  await expect(pull(named('hf:acme/net'), { patience })).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(
      /model\.json: expected the file group1-shard3of3\.bin beside it, .*: there is none$/,
    ),
  });
  await expect(pull(named('hf:acme/net'), { offline: true })).rejects.toThrow(/shard3of3\.bin beside it/);
  const { url } = await hub(lacking);
  await expect(pull(named(`${url}/files/model.json`), { patience })).rejects.toThrow(
    /shard3of3\.bin: there is no such/,
  );
  await expect(pull(named(`${url}/files/model.json`), { offline: true })).rejects.toThrow(
    /shard3of3\.bin: expected it pulled/,
  );
});

test.each([
  '../config.json',
  '/etc/passwd',
  'https://elsewhere.org/w.bin',
  '//elsewhere.org/w.bin',
  'a/../../b',
  '',
  '.x',
])('a shard that leads elsewhere is not asked for: %j', async (path) => {
  const { json } = tfjsFiles('fused');
  const [group] = json.weightsManifest;
  const { url, asked } = await hub({
    'model.json': bytesOf({ ...json, weightsManifest: [{ ...group, paths: [path] }] }),
  });
  for (const source of ['hf:acme/net', `${url}/files/model.json`]) {
    await expect(pull(named(source), { patience })).rejects.toThrow(
      /beside it, which it names: the name leads elsewhere$/,
    );
  }
  expect(asked.filter(({ url: one }) => !/model\.json$|^\/api/.test(one))).toEqual([]);
});

test('a model of too many files is refused before the first of them', async () => {
  const { json } = tfjsFiles('fused');
  const [group] = json.weightsManifest;
  const paths = Array.from({ length: 1001 }, (_, i) => `shard${i}.bin`);
  const { asked } = await hub({ 'model.json': bytesOf({ ...json, weightsManifest: [{ ...group, paths }] }) });
  await expect(pull(named('hf:acme/net'), { patience })).rejects.toMatchObject({ code: 'limit' });
  expect(asked).toHaveLength(2);
});
