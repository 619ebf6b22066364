import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pull } from '../../../../src/node/hub/pull.ts';
import { resolveSource } from '../../../../src/node/hub/resolve-source.ts';
import { hubSource } from '../../../../src/node/hub/source.ts';
import { folderWith } from '../folder.ts';
import { file, serve, status } from './server.ts';

const WEIGHTS = new TextEncoder().encode('weights'.repeat(1000));
const CONFIG = new TextEncoder().encode('{"id2label":{"0":"cat"}}');
const COMMIT = 'c'.repeat(40);
const patience = { firstMs: 1, mostMs: 4 };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const gitName = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** A hub with one model, and an empty cache. */
async function hub(siblings: readonly unknown[] = SIBLINGS) {
  const server = await serve((response, request) => {
    const url = request.url ?? '';
    if (url === '/api/models/acme/tiny/revision/main?blobs=true') {
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
    } else if (url === `/acme/tiny/resolve/${COMMIT}/model.safetensors`) file(WEIGHTS)(response, request);
    else if (url === `/acme/tiny/resolve/${COMMIT}/config.json`) file(CONFIG)(response, request);
    else status(401)(response, request);
  });
  const cache = folderWith();
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HF_ENDPOINT', server.url);
  vi.stubEnv('TORCHVISION_ENDPOINT', server.url);
  vi.stubEnv('RESEDGE_CACHE', cache);
  return { ...server, cache };
}

const SIBLINGS = [
  { rfilename: '.gitattributes', size: 1, blobId: '0'.repeat(40) },
  { rfilename: '../model.safetensors', size: 1, blobId: '0'.repeat(40) },
  { rfilename: 'config.json', size: CONFIG.length, blobId: gitName(CONFIG) },
  { rfilename: 'model.safetensors', size: 7000, lfs: { sha256: sha256(WEIGHTS), size: 7000, pointerSize: 130 } },
  { rfilename: 'pytorch_model.bin', size: 7000, lfs: { sha256: sha256(CONFIG), size: 7000 } },
];

const named = (text: string) => hubSource(text) ?? expect.fail('a path');

test('weights and config of a model lie beside each other, checked by the hub’s hashes', async () => {
  const { cache, asked } = await hub();
  const { weights, folder, files } = await pull(named('hf:acme/tiny'), { patience });
  expect(folder).toBe(join(cache, 'hub/huggingface/acme/tiny', COMMIT.slice(0, 12)));
  expect(weights).toBe(join(folder, 'model.safetensors'));
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors']);
  expect(files.map(({ check }) => check.kind)).toEqual(['sha256', 'git']);
  const again = await pull(named('hf:acme/tiny'), { patience });
  expect(again.files.every(({ kept }) => kept)).toBe(true);
  expect(asked.filter(({ url }) => url.includes('resolve'))).toHaveLength(2);
});

test('offline, what was pulled is there and what was not is named', async () => {
  const { asked } = await hub();
  await expect(pull(named('hf:acme/tiny'), { offline: true })).rejects.toMatchObject({
    code: 'io',
    message: 'hf:acme/tiny: expected it pulled already, there is none: pull it once without --offline',
  });
  await expect(pull(named('torchvision/resnet18'), { offline: true })).rejects.toMatchObject({ code: 'io' });
  expect(asked).toEqual([]);
  const online = await pull(named('hf:acme/tiny'), { patience });
  const requests = asked.length;
  expect((await pull(named('hf:acme/tiny'), { offline: true })).weights).toBe(online.weights);
  expect(asked).toHaveLength(requests);
});

test('a file that was damaged in the cache is pulled again', async () => {
  await hub();
  const { weights } = await pull(named('hf:acme/tiny'), { patience });
  writeFileSync(weights, WEIGHTS.subarray(1));
  const { files } = await pull(named('hf:acme/tiny'), { patience });
  expect(files.map(({ kept }) => kept)).toEqual([false, true]);
});

test('another file in the folder that was named is not overwritten', async () => {
  await hub();
  const folder = folderWith({ 'model.safetensors': 'mine' });
  await expect(pull(named('hf:acme/tiny'), { folder, patience })).rejects.toMatchObject({
    message: expect.stringContaining('found another: move it away'),
  });
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
});

test('a name that does not exist is one line', async () => {
  const { url } = await hub();
  await expect(pull(named('hf:acme/none'), { patience })).rejects.toMatchObject({
    code: 'input',
    message: `hf:acme/none at ${new URL(url).host}: there is no such model, or it is not public: check the name, or set HF_TOKEN to a token that may read it`,
  });
  await expect(pull(named('hf:acme/tiny/other.safetensors'), { patience })).rejects.toMatchObject({
    message: 'hf:acme/tiny: expected other.safetensors among its files, found none',
  });
});

test('a repository without weights, and a description that is none, are one line', async () => {
  await hub([{ rfilename: 'README.md' }]);
  await expect(pull(named('hf:acme/tiny'), { patience })).rejects.toMatchObject({
    message: expect.stringContaining('expected weights'),
  });
  const { url } = await serve((response) => void response.end('<html>'));
  vi.stubEnv('HF_ENDPOINT', url);
  await expect(pull(named('hf:acme/tiny'), { patience })).rejects.toMatchObject({
    message: "hf:acme/tiny: expected the hub's description of a model, received something else",
  });
});

test("torchvision's files come from the mirror and are checked by their hash", async () => {
  const { url } = await serve(file(WEIGHTS));
  const { cache } = await hub();
  vi.stubEnv('TORCHVISION_ENDPOINT', url);
  await expect(pull(named('torchvision/resnet101'), { patience })).rejects.toMatchObject({
    message: expect.stringMatching(/resnet101-cd907fc2\.pth: expected SHA-256 cd907fc2, received/),
  });
  expect(readdirSync(join(cache, 'hub/torchvision'))).toEqual([]);
});

test('a cache that is off is said, with the way round it', async () => {
  const { url } = await hub();
  vi.stubEnv('RESEDGE_CACHE', 'off');
  await expect(pull(named(`${url}/w.bin`), { patience })).rejects.toMatchObject({
    message: expect.stringContaining('RESEDGE_CACHE is off; or pull into a folder'),
  });
});

test('a path that exists is a path, a folder stands for its weights, a name for what is pulled', async () => {
  await hub();
  const folder = folderWith({ 'config.json': CONFIG, 'model.safetensors': WEIGHTS });
  expect(await resolveSource(join(folder, 'config.json'))).toEqual({
    path: join(folder, 'config.json'),
    pulled: false,
  });
  expect(await resolveSource(folder)).toEqual({ path: join(folder, 'model.safetensors'), pulled: false });
  expect(await resolveSource('nothing.pth')).toEqual({ path: 'nothing.pth', pulled: false });
  const { path, pulled } = await resolveSource('hf:acme/tiny');
  expect([path.endsWith('model.safetensors'), pulled]).toEqual([true, true]);
});
