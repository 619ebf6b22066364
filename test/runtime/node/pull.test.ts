import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { file, serve, status } from '../../unit/node/hub/server.ts';
import { CLASSES, json, refuse, resedge, succeed, WEIGHTS } from './resedge.ts';

const BYTES = new Uint8Array(readFileSync(WEIGHTS));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const CONFIG = new TextEncoder().encode(
  JSON.stringify({
    architecture: 'resnet20',
    num_classes: 10,
    label_names: CLASSES,
    pretrained_cfg: { input_size: [3, 32, 32], crop_pct: 1, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  }),
);

/** A hub that cuts the connection once, and the environment that leads to it. */
async function hub() {
  let cuts = 1;
  const { url, asked } = await serve((response, request) => {
    const path = request.url ?? '';
    const lfs = { sha256: SHA256, size: BYTES.length };
    const siblings = [
      { rfilename: 'model.safetensors', lfs },
      { rfilename: 'config.json', size: CONFIG.length },
    ];
    if (path.startsWith('/api/models/acme/tiny/')) response.end(JSON.stringify({ sha: 'a'.repeat(40), siblings }));
    else if (path.endsWith('model.safetensors'))
      file(BYTES, { cutAfter: cuts-- > 0 ? 1000 : BYTES.length })(response, request);
    else if (path.endsWith('config.json')) file(CONFIG)(response, request);
    else status(401)(response, request);
  });
  const env = { HF_ENDPOINT: url, HF_TOKEN: 'hidden', RESEDGE_CACHE: folderWith(), NO_PROXY: '127.0.0.1' };
  return { url, asked, env };
}

test('pull fetches weights and their description, convert takes them by the same name', async () => {
  const { env, asked } = await hub();
  const pulled = await json(['pull', 'hf:acme/tiny'], { env });
  expect(pulled).toMatchObject({ source: 'hf:acme/tiny', files: [{ sha256: SHA256, kept: false }, { kept: false }] });
  expect(asked.filter(({ headers }) => headers.range === 'bytes=1000-')).toHaveLength(1);
  const model = join(folderWith(), 'model.onnx');
  const requests = asked.length;
  await succeed(['convert', 'hf:acme/tiny', '-o', model, '--precision', 'fp32', '--offline'], { env });
  expect(asked).toHaveLength(requests);
  const { metadata } = (await json(['inspect', model])) as { readonly metadata: object };
  expect(metadata).toMatchObject({
    labels: CLASSES,
    preprocessing: { inputSize: 32, resize: 32, mean: [0.5, 0.5, 0.5] },
  });
});

test('convert pulls first, and takes the folder too', async () => {
  const { env } = await hub();
  const folder = folderWith();
  await succeed(['convert', 'hf:acme/tiny', '-o', join(folder, 'a.onnx'), '--precision', 'fp32'], { env });
  const into = join(folder, 'tiny');
  expect(await succeed(['pull', 'hf:acme/tiny', '-o', into], { env })).toMatch(
    /file +\S+model\.safetensors, 1\.1 MB\n +SHA-256 +[0-9a-f]{64}, as stated/,
  );
  expect(readdirSync(into).sort()).toEqual(['config.json', 'model.safetensors']);
  await succeed(['convert', into, '-o', join(folder, 'b.onnx'), '--precision', 'fp32']);
  expect(readFileSync(join(folder, 'b.onnx')).equals(readFileSync(join(folder, 'a.onnx')))).toBe(true);
});

test('names that do not exist, no network and wrong hashes are one line each', async () => {
  const { env, url } = await hub();
  const run = (args: readonly string[], where: object) => resedge(args, { ...where, env });
  await refuse(['pull', 'hf:acme/none'], { code: 1, says: /hf:acme\/none at \S+: there is no such model/ }, run);
  await refuse(['convert', 'hf:acme/none', '-o', 'm.onnx'], { code: 1, says: /there is no such model/ }, run);
  await refuse(['pull', 'torchvision/resnet51'], { code: 2, says: /has no resnet51: expected one of resnet18/ }, run);
  await refuse(['pull', 'resnet50.pth'], { code: 2, says: /expected torchvision\/<network>, hf:/ }, run);
  const wrong = `${url}/model.safetensors#sha256=${'0'.repeat(64)}`;
  await refuse(['pull', wrong, '-o', '.'], { code: 1, says: /expected SHA-256 0{64}, received 80e0/ }, run);
  const closed = { ...env, HF_ENDPOINT: 'http://127.0.0.1:1' };
  const offline = (args: readonly string[], where: object) => resedge(args, { ...where, env: closed });
  await refuse(['pull', 'hf:acme/tiny'], { code: 1, says: /the connection was refused: check the network/ }, offline);
});
