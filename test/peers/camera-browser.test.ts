import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CLASSES, ROOT, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { ORT } from './browser/bundle.ts';
import { cameraScene, GRANTED, sceneFlags } from './browser/scene.ts';
import { type Site, serve } from './browser/serve.ts';
import { startChromium, visit } from './browser/visit.ts';

/** Classifies the camera until `count` answers have come, and says how the source ended. */
const PAGE = `
import { classifyStream, openCamera, openModel } from 'resedge';
globalThis.peer = {
  async look(address, count) {
    const model = await openModel(address);
    const answers = [];
    for await (const { frame, top, ms, dropped } of classifyStream('auto', model, { top: 1 })) {
      answers.push({ frame, label: top[0].label, ms, dropped });
      if (answers.length === count) break;
    }
    return answers;
  },
  async abort(address) {
    const model = await openModel(address);
    const controller = new AbortController();
    let answers = 0;
    for await (const _ of classifyStream('auto', model, { signal: controller.signal })) if (++answers === 2) controller.abort();
    return answers;
  },
  async refused() {
    try {
      const source = await openCamera();
      await source.close();
      return 'opened';
    } catch (error) {
      return error.code + ': ' + error.message;
    }
  },
};
`;

const folder = mkdtempSync(join(tmpdir(), 'resedge-camera-page-'));
const scene = join(folder, 'cat.y4m');
let site: Site;
let browser: Browser | undefined;

beforeAll(async () => {
  const labels = join(folder, 'labels.txt');
  writeFileSync(labels, CLASSES.join('\n'));
  await succeed(['convert', WEIGHTS, '-o', join(folder, 'model.onnx'), '--calibrate', TABLE, '--labels', labels]);
  await cameraScene('cat', scene);
  await build({
    stdin: { contents: PAGE, resolveDir: ROOT },
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  const html =
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="page.js"></script>';
  writeFileSync(join(folder, 'index.html'), html);
  copyFileSync(join(ORT, 'ort-wasm-simd-threaded.wasm'), join(folder, 'ort-wasm-simd-threaded.wasm'));
  site = await serve({ page: folder });
});
afterEach(() => browser?.close());
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

async function open(host: string, ...flags: readonly string[]) {
  browser = await startChromium(flags);
  return await visit(browser, `http://${host}:${site.port}/plain/page/index.html`);
}

const CAMERA = sceneFlags(scene);

test('the camera shows a cat, frame after frame, and a signal ends it', async () => {
  const page = await open('127.0.0.1', ...CAMERA, GRANTED);
  const answers = await page.call<readonly { frame: number; label: string }[]>('look', 'model.onnx', 5);
  expect(answers.map(({ label }) => label)).toEqual(['cat', 'cat', 'cat', 'cat', 'cat']);
  expect(answers.every(({ frame }, i) => i === 0 || frame > answers[i - 1]!.frame)).toBe(true);
  expect(await page.call('abort', 'model.onnx')).toBe(2);
  expect(page.complaints()).toEqual([]);
});

test('permission that is denied is said in one line', async () => {
  const page = await open('127.0.0.1', ...CAMERA, '--deny-permission-prompts');
  expect(await page.call('refused')).toBe(
    'io: camera: expected frames, permission was denied: allow the camera in the address bar, and reload',
  );
});

test('so is a machine without a camera', async () => {
  const page = await open('127.0.0.1', GRANTED);
  expect(await page.call('refused')).toBe('io: camera: expected frames, there is none: plug one in');
});

test('and a page without TLS on another host, which browsers give no camera to', async () => {
  const page = await open('camera.example', ...CAMERA, GRANTED, '--host-resolver-rules=MAP camera.example 127.0.0.1');
  expect(await page.call('refused')).toBe(
    'unavailable: expected a camera, browsers give none to this page: open it over https or on localhost',
  );
});
