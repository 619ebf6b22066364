import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { setup as buildPackage } from '../runtime/build.ts';
import { CLASSES, json, PICTURES, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { dropPicture } from './browser/drop-picture.ts';
import { type OpenedPage, openPage } from './browser/open-page.ts';
import { cameraFlags, cameraScene } from './browser/scene.ts';
import { type Site, serve } from './browser/serve.ts';
import { startChromium } from './browser/visit.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-teach-'));
/** A network whose classes come out of a convolution. */
const HEADLESS = new URL('../golden/onnx/sources/squeeze.onnx', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let scene: string;
let site: Site;
let browser: Browser | undefined;

/** A drawing, the brighter the larger `step` is. */
const drawing = (name: string, step: number): Promise<Buffer> =>
  sharp(join(PICTURES, `${name}.svg`))
    .resize(320 + 8 * step, 320)
    .modulate({ brightness: 0.8 + 0.05 * step })
    .png()
    .toBuffer();

async function openMade(
  name: 'page' | 'headless',
  flags: readonly string[] = cameraFlags(scene),
  options: Parameters<typeof openPage>[2] = {},
): Promise<OpenedPage> {
  browser = await startChromium(flags);
  const address = `http://127.0.0.1:${site.port}/plain/${name}/`;
  return await openPage(browser, address, { ...options, overlooked: ['No available adapters.'] });
}

async function open(...how: readonly [flags?: readonly string[], options?: Parameters<typeof openPage>[2]]) {
  const opened = await openMade('page', ...how);
  await opened.page.getByText('Teach it', { exact: true }).click();
  await opened.at('teach').waitFor();
  return opened;
}

async function addClass({ page, at }: OpenedPage, name: string): Promise<void> {
  await at('name').fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Record ${name}` }).waitFor();
}

async function recordPictures({ page, says }: OpenedPage, name: string, of: string, count: number): Promise<void> {
  for (let step = 1; step <= count; step++) {
    await dropPicture(page, await drawing(of, step));
    await page.getByRole('button', { name: `Record ${name}` }).click();
    await says('classes', new RegExp(`${name}${step} example`));
  }
}

beforeAll(async () => {
  buildPackage();
  const labels = join(folder, 'labels.txt');
  const model = join(folder, 'int8.onnx');
  writeFileSync(labels, CLASSES.join('\n'));
  await succeed(['convert', WEIGHTS, '--labels', labels, '-o', model, '--precision', 'int8', '--calibrate', TABLE]);
  await succeed(['page', '-o', join(folder, 'page'), '--model', model, '--device', 'browser-wasm']);
  const headless = join(folder, 'headless.onnx');
  await succeed(['convert', HEADLESS, '-o', headless, '--precision', 'fp32']);
  await succeed(['page', '-o', join(folder, 'headless'), '--model', headless, '--device', 'browser-wasm']);
  scene = await cameraScene('dog', join(folder, 'dog.y4m'));
  site = await serve({ page: join(folder, 'page'), headless: join(folder, 'headless') });
});
afterEach(() => browser?.close());
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

describe('teaching', () => {
  test('pictures and the camera, and the file says the same on the command line', async () => {
    const opened = await open();
    const { page, at, says, complaints } = opened;
    await addClass(opened, 'my boat');
    await addClass(opened, 'my pet');
    await recordPictures(opened, 'my boat', 'ship', 4);
    await at('camera').click();
    await says('camera', /^Stop camera$/);
    await page.getByRole('button', { name: 'Record my pet' }).click({ delay: 1500 });
    await says('classes', /my pet([4-9]|\d\d) examples/);
    await at('train').click();
    await says('result', /^Trained in [\d.]+ s: \d+\s% right/);
    await says('label', /^my pet$/);

    const ship = await drawing('ship', 6);
    await dropPicture(page, ship);
    await says('label', /^my boat$/);
    expect(await at('bars').locator('li').count()).toBe(2);

    const downloading = page.waitForEvent('download');
    await at('download').click();
    const mine = join(folder, 'mine.onnx');
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('mine.onnx');
    await download.saveAs(mine);
    const picture = join(folder, 'ship.png');
    writeFileSync(picture, ship);
    const said = await json(['classify', picture, '--model', mine]);
    expect(JSON.stringify(said)).toMatch(/^[^}]*"label":"my boat"/);

    await page.getByText('Classify', { exact: true }).click();
    await says('label', /^ship$/);
    expect(complaints()).toEqual([]);
  });

  test('with the keyboard alone', async () => {
    const opened = await open();
    const { page, says } = opened;
    await addClass(opened, 'one');
    await addClass(opened, 'two');
    for (const [name, of] of [
      ['one', 'ship'],
      ['two', 'frog'],
    ] as const) {
      await page.getByRole('button', { name: `Record ${name}` }).focus();
      for (const [step, key] of ['Enter', 'Space'].entries()) {
        await dropPicture(page, await drawing(of, step));
        await page.keyboard.press(key);
        await says('classes', new RegExp(`${name}${step + 1} example`));
      }
    }
    expect(await page.locator('#classes').textContent()).toMatch(/^one2 examples.*two2 examples/);
    await page.locator('#train').focus();
    await page.keyboard.press('Enter');
    await says('label', /^(two|unknown)$/);
  });
});

test('what is missing is said in one line', async () => {
  const opened = await open(['--use-fake-device-for-media-stream', '--deny-permission-prompts']);
  const { page, at, says, complaints } = opened;
  await at('train').click();
  await says('status', /^expected at least two classes to tell apart, there is none: add two$/);
  await addClass(opened, 'cup');
  await at('train').click();
  await says('status', /^expected at least two classes to tell apart, there is cup alone: add another$/);
  await at('name').fill('CUP');
  await page.keyboard.press('Enter');
  await says('status', /^expected a new name, there is cup already: take another$/);
  await page.getByRole('button', { name: 'Record cup' }).click();
  await says('status', /^expected something to record: start the camera, or drop a picture$/);
  await at('camera').click();
  await says('status', /^camera: .*permission was denied: allow the camera/);
  await recordPictures(opened, 'cup', 'ship', 1);
  await addClass(opened, 'pen');
  await at('train').click();
  await says('status', /^cup: expected at least 2 examples, it has 1: record more$/);
  expect(complaints()).toEqual([]);
});

test('on a phone, what is missing is brought into view', async () => {
  const height = 600;
  const { page, at, says } = await open(undefined, { viewport: { width: 390, height } });
  await at('train').click();
  await says('status', /^expected at least two classes/);
  const { y = -height } = (await at('status').boundingBox()) ?? {};
  expect(y).toBeGreaterThan(-1);
  expect(y).toBeLessThan(height);
  expect(await page.evaluate('scrollY')).toBeGreaterThan(0);
});

describe.each([
  { name: 'a phone', viewport: { width: 390, height: 844 } },
  { name: 'a desktop', viewport: { width: 1280, height: 800 } },
])('on $name', ({ viewport }) => {
  test.each(['light', 'dark'] as const)('axe finds no fault, in %s colours', async (colorScheme) => {
    const opened = await open(undefined, { viewport, colorScheme });
    const { page, at, says, complaints } = opened;
    await addClass(opened, 'my boat');
    await addClass(opened, 'my frog');
    expect(await faults(page)).toEqual([]);
    await recordPictures(opened, 'my boat', 'ship', 2);
    await recordPictures(opened, 'my frog', 'frog', 2);
    await at('train').click();
    await says('result', /^Trained/);
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
    expect(complaints()).toEqual([]);
  });
});

async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate('axe.run()');
  return (found as { readonly violations: readonly { readonly id: string }[] }).violations.map(({ id }) => id);
}

test('a model whose head cannot be replaced is not taught, in one line, and goes on answering', async () => {
  const { page, at, says, complaints } = await openMade('headless');
  await page.getByText('Teach it', { exact: true }).click();
  await says('status', /^expected a model that ends in one linear layer on pooled features, found Flatten: [^\n]+$/);
  expect(await at('teach').isHidden()).toBe(true);
  expect(await page.getByLabel('Classify', { exact: true }).isChecked()).toBe(true);
  await dropPicture(page, await drawing('ship', 1));
  await says('label', /^class \d$/);
  await says('status', /^$/);
  await at('camera').click();
  await says('camera', /^Stop camera$/);
  // Of classes that it does not know well it is never sure.
  await says('label', /^(class \d|unknown)$/);
  expect(complaints()).toEqual([]);
});
