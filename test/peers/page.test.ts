import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { setup as buildPackage } from '../runtime/build.ts';
import { CLASSES, PICTURES, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { dropPicture } from './browser/drop-picture.ts';
import { type OpenedPage, openPage } from './browser/open-page.ts';
import { cameraFlags, cameraScene } from './browser/scene.ts';
import { type Site, serve } from './browser/serve.ts';
import { startChromium } from './browser/visit.ts';

/** Chromium's own remark where a page asks for a graphics adapter and there is none. */
const NO_ADAPTER = 'No available adapters.';

const folder = mkdtempSync(join(tmpdir(), 'resedge-page-'));
const model = (precision: string): string => join(folder, `${precision}.onnx`);
const built = join(folder, 'page');
const ship = join(folder, 'ship.png');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let scene: string;
let site: Site;
let browser: Browser | undefined;

const address = (host = '127.0.0.1', port = site.port): string => `http://${host}:${port}/plain/page/`;
const write = (output: string, ...precisions: readonly string[]): Promise<string> =>
  succeed(['page', '-o', output, ...precisions.flatMap((precision) => ['--model', model(precision)])]);

async function open(flags: readonly string[] = cameraFlags(scene), at = address()): Promise<OpenedPage> {
  browser = await startChromium(flags);
  return await openPage(browser, at, { overlooked: [NO_ADAPTER] });
}

beforeAll(async () => {
  buildPackage();
  const labels = join(folder, 'labels.txt');
  writeFileSync(labels, CLASSES.join('\n'));
  const convert = (precision: string, ...more: readonly string[]): Promise<string> =>
    succeed(['convert', WEIGHTS, '--labels', labels, '-o', model(precision), '--precision', precision, ...more]);
  await convert('int8', '--calibrate', TABLE);
  await convert('fp32');
  await convert('fp16');
  await write(built, 'int8', 'fp32');
  await sharp(join(PICTURES, 'ship.svg')).resize(320, 320).png().toFile(ship);
  scene = await cameraScene('dog', join(folder, 'dog.y4m'));
  site = await serve({ page: built });
});
afterEach(() => browser?.close());
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

describe('the camera and pictures', () => {
  test('the camera shows a dog, and goes on while the precision changes', async () => {
    const { page, at, says, complaints } = await open();
    await at('camera').click();
    await says('label', /^dog$/);
    await says('figures', /Inference[\d.]+\sms.*Answers[\d.]+\/s.*Runs onWASM/);
    expect(await at('bars').locator('li').count()).toBe(5);
    expect(await at('bars').locator('li').first().textContent()).toMatch(/^dog9\d\.\d\s%$/);

    await page.getByRole('radio', { name: 'INT8' }).focus();
    await page.keyboard.press('ArrowRight');
    await says('card', /fp32\.onnx.*PrecisionFP32/);
    await says('label', /^dog$/);
    await says('figures', /Answers[\d.]+\/s/);
    await page.getByText('INT8', { exact: true }).click();
    await says('card', /int8\.onnx.*PrecisionINT8, scheme u8s8-safe/);
    await says('figures', /Answers[\d.]+\/s/);

    await at('camera').click();
    await says('camera', /^Start camera$/);
    expect(await page.evaluate('document.getElementById("video").srcObject')).toBeNull();
    expect(complaints()).toEqual([]);
  });

  test('a picture that is chosen, and one that is dropped', async () => {
    const { page, at, says, complaints } = await open();
    await at('file').setInputFiles(ship);
    await says('label', /^ship$/);
    await says('figures', /Inference[\d.]+\sms/);
    const frog = await sharp(join(PICTURES, 'frog.svg')).resize(320, 320).png().toBuffer();
    await dropPicture(page, frog);
    await says('label', /^frog$/);
    expect(await at('still').isVisible()).toBe(true);
    await at('file').setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
    await says('status', /^broken\.png: expected a picture that this browser decodes/);
    await says('label', /^No answer$/);
    await at('file').setInputFiles(ship);
    await says('label', /^ship$/);
    await says('status', /^$/);
    expect(complaints()).toEqual([]);
  });
});

describe('a later visit', () => {
  test('needs no server, is cross-origin isolated, and loads nothing again', async () => {
    const away = await serve({ page: built });
    const { page, at, says, load, complaints } = await open(undefined, address(undefined, away.port));
    await says('notes', /Kept for use offline\.$/);
    expect(await page.evaluate('crossOriginIsolated')).toBe(false);
    await page.getByText('FP32', { exact: true }).click();
    await says('card', /fp32\.onnx/);
    await away.close();

    await load();
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    await at('camera').click();
    await says('label', /^dog$/);
    await page.getByText('FP32', { exact: true }).click();
    await says('card', /fp32\.onnx/);
    await says('figures', /Answers[\d.]+\/s/);
    // The browser asks for a newer service worker, in vain.
    expect(complaints().filter((said) => !/sw\.js/.test(said))).toEqual([]);
  });

  test('brings a page that was written anew, and forgets the models that are gone', async () => {
    const changing = join(folder, 'changing');
    await write(changing, 'int8', 'fp32');
    const there = await serve({ page: changing });
    const { page, says, load, complaints } = await open(undefined, address(undefined, there.port));
    await says('card', /int8\.onnx/);
    await write(changing, 'fp32');
    await load();
    await expect.poll(() => keptModels(page), { timeout: 10_000 }).toEqual([]);
    await load();
    await says('card', /fp32\.onnx/);
    expect(await keptModels(page)).toEqual(
      JSON.parse(readFileSync(join(changing, 'manifest.json'), 'utf8')).models.map(
        ({ path }: { readonly path: string }) => path,
      ),
    );
    await there.close();
    expect(complaints()).toEqual([]);
  });
});

/** Models in the page's caches, by their paths. */
function keptModels(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const kept: string[] = [];
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
    return kept.filter((path) => path.endsWith('.onnx')).map((path) => path.replace(/^.*\/models/, 'models'));
  });
}

type Finding = { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] };

async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate('axe.run()');
  return (found as { readonly violations: readonly Finding[] }).violations.map(
    ({ id, impact, nodes }) => `${impact}: ${id} at ${nodes.map(({ html }) => html).join(' and ')}`,
  );
}

describe.each([
  { name: 'a phone', viewport: { width: 390, height: 844 } },
  { name: 'a desktop', viewport: { width: 1280, height: 800 } },
])('on $name', ({ viewport }) => {
  test.each(['light', 'dark'] as const)('axe finds no fault, in %s colours', async (colorScheme) => {
    browser = await startChromium(cameraFlags(scene));
    const { page, at, says, complaints } = await openPage(browser, address(), {
      ...{ viewport, colorScheme },
      overlooked: [NO_ADAPTER],
    });
    expect(await faults(page)).toEqual([]);
    await at('camera').click();
    await says('label', /^dog$/);
    expect(await faults(page)).toEqual([]);
    await at('file').setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
    await says('status', /^broken\.png/);
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
    expect(complaints()).toEqual([]);
  });
});

test('everything is reached with the keyboard alone', async () => {
  const { page, says } = await open();
  const reached: string[] = [];
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('Tab');
    reached.push(String(await page.evaluate('document.activeElement.id || document.activeElement.type')));
  }
  expect(reached).toEqual(['camera', 'file', 'radio']);
  await at(page, 'camera').focus();
  await page.keyboard.press('Enter');
  await says('label', /^dog$/);
});

const at = (page: Page, id: string) => page.locator(`#${id}`);

describe('what is missing is said in one line, and pictures are classified all the same', () => {
  const CAMERA = '--use-fake-device-for-media-stream';
  const HOST = 'page.example';
  const cases: readonly (readonly [what: string, flags: readonly string[], host: string | undefined, says: RegExp])[] =
    [
      [
        'permission',
        [CAMERA, '--deny-permission-prompts'],
        undefined,
        /^camera: .*permission was denied: allow the camera/,
      ],
      [
        'a camera',
        ['--use-fake-ui-for-media-stream'],
        undefined,
        /^camera: expected frames, there is none: plug one in$/,
      ],
      [
        'a secure address',
        [CAMERA, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
        HOST,
        /^expected a camera, browsers give none to this page: open it over https or on localhost$/,
      ],
    ];
  test.each(cases)('%s', async (_, flags, host, text) => {
    const { at: find, says, complaints } = await open(flags, address(host));
    await find('camera').click();
    await says('status', text);
    await find('file').setInputFiles(ship);
    await says('label', /^ship$/);
    if (host !== undefined) await says('notes', /Not kept for use offline: browsers keep pages only over https/);
    expect(complaints()).toEqual([]);
  });

  test('WebAssembly SIMD, without which there is no answer', async () => {
    const { page, says, complaints } = await open(['--js-flags=--no-enable-sse4-1']);
    await says(
      'status',
      /^expected a provider that can run here, tried wasm \(this browser has no WebAssembly SIMD: take a newer one\)$/,
    );
    expect(await page.locator('main').getAttribute('data-state')).toBe('failed');
    expect(await at(page, 'camera').isDisabled()).toBe(true);
    expect(complaints()).toEqual([]);
  });
});

describe('WebGPU, on a CPU that computes for it', () => {
  const FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

  test('runs FP16 where the adapter computes with it, else FP32; INT8 stays on WASM', async () => {
    const floats = join(folder, 'floats');
    await write(floats, 'int8', 'fp32', 'fp16');
    const there = await serve({ page: floats });
    const { page, at: find, says, complaints } = await open(FLAGS, address(undefined, there.port));
    const half = await page.evaluate(
      'navigator.gpu.requestAdapter().then(({ features }) => features.has("shader-f16"))',
    );
    await says('card', half ? /fp16\.onnx/ : /fp32\.onnx/);
    await says('figures', /Runs onWebGPU/);
    await find('file').setInputFiles(ship);
    await says('label', /^ship$/);
    await page.getByText('INT8', { exact: true }).click();
    await says('figures', /Runs onWASM/);
    await says('label', /^ship$/);
    await there.close();
    expect(complaints()).toEqual([]);
  });
});
