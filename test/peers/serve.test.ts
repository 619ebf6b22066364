import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { setup as buildPackage } from '../runtime/build.ts';
import { CLASSES, PICTURES, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { type Serving, serving } from '../runtime/node/serving.ts';
import { dropPicture } from './browser/drop-picture.ts';
import { type OpenedPage, openPage } from './browser/open-page.ts';
import { cameraFlags, cameraScene } from './browser/scene.ts';
import { startChromium } from './browser/visit.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'resedge-serve-page-'));
const models = { int8: join(folder, 'int8.onnx'), fp32: join(folder, 'fp32.onnx') };
const seen = join(folder, 'seen');
const picture = (name: string): string => join(folder, `${name}.png`);
let browser: Browser | undefined;
let server: Serving | undefined;

beforeAll(async () => {
  buildPackage();
  const labels = join(folder, 'labels.txt');
  writeFileSync(labels, CLASSES.join('\n'));
  const convert = ['convert', WEIGHTS, '--labels', labels];
  await succeed([...convert, '-o', models.int8, '--calibrate', TABLE]);
  await succeed([...convert, '-o', models.fp32, '--precision', 'fp32']);
  mkdirSync(seen);
  // A camera that sees one cat after the other for as long as a test lasts.
  const cat = await sharp(join(PICTURES, 'cat.svg')).resize(320, 240, { fit: 'cover' }).png().toBuffer();
  for (let i = 0; i < 300; i++) writeFileSync(join(seen, `${String(i).padStart(3, '0')}.png`), cat);
  for (const name of ['ship', 'frog'])
    await sharp(join(PICTURES, `${name}.svg`))
      .resize(320, 320)
      .png()
      .toFile(picture(name));
});
afterEach(async () => {
  await browser?.close();
  expect(await server?.stop()).toBe(0);
  expect(server?.stderr()).toBe('');
});
afterAll(() => rmSync(folder, { recursive: true }));

type Opened = OpenedPage & {
  /** Chooses one of the radio buttons of a group. */
  readonly choose: (group: string, name: string) => Promise<void>;
};

async function open(
  args: readonly string[],
  { flags = [], ...options }: BrowserContextOptions & { readonly flags?: readonly string[] } = {},
): Promise<Opened> {
  server = await serving(['--model', models.int8, '--model', models.fp32, ...args]);
  browser = await startChromium(flags);
  const opened = await openPage(browser, server.address, { ...options, script: AXE });
  return {
    ...opened,
    choose: (group, name) => opened.page.getByRole('group', { name: group }).getByText(name, { exact: true }).click(),
  };
}

/** Rules that are broken, serious ones alone. */
async function faults(page: Page): Promise<readonly string[]> {
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as {
      readonly axe: { run: () => Promise<{ violations: readonly { id: string; impact: string }[] }> };
    };
    return axe.run();
  });
  return violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id }) => id);
}

describe('the page of resedge serve', () => {
  test('shows a cat, on one model, on two side by side, and on another provider', async () => {
    const { page, at, says, choose, complaints } = await open(['--camera', seen]);
    await says('first-label', /^cat$/);
    await says('first-bars', /^cat\d/);
    await says('figures', /Inference[\d.]+\sms.*Latency[\d.]+\sms.*Answers\d.*Runs onCPU/);
    await says('times-caption', /^Frame to answer: p50 [\d.]+\sms, p99 [\d.]+\sms; \d+\sframes? dropped$/);
    await says('card', /Networkresnet20.*PrecisionINT8, scheme u8s8-safe/);
    expect(await at('shown').getAttribute('src')).toMatch(/^data:image\/jpeg;base64,/);
    expect(await at('second').isVisible()).toBe(false);

    await choose('Compare with', 'fp32');
    await says('second-name', /^FP32 · fp32$/);
    await says('second-label', /^cat$/);
    await says('figures', /beside it [\d.]+\sms/);

    await choose('Model', 'fp32');
    await says('card', /PrecisionFP32/);
    expect(await at('second').isVisible()).toBe(false);
    await choose('Provider', 'wasm');
    await says('figures', /Runs onWASM/);
    await says('first-label', /^cat$/);

    await page.getByRole('radio', { name: 'wasm' }).focus();
    await page.keyboard.press('ArrowLeft');
    await says('figures', /Runs onCPU/);
    expect(complaints()).toEqual([]);
  });

  test('takes pictures, and compares FP32 with INT8', async () => {
    const { page, at, says, choose, complaints } = await open([]);
    expect(await at('camera').isVisible()).toBe(false);
    await at('file').setInputFiles(picture('ship'));
    await says('first-label', /^ship$/);
    await choose('Compare with', 'fp32');
    await says('second-label', /^ship$/);
    await says('figures', /beside it [\d.]+\sms.*Decoding[\d.]+\sms.*Runs onCPU/);
    await dropPicture(page, readFileSync(picture('frog')));
    await says('first-label', /^frog$/);
    await says('second-label', /^frog$/);
    expect(complaints()).toEqual([]);
    await at('file').setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
    await says('status', /^Upload of 13 bytes: expected a JPEG, PNG, WebP, AVIF or GIF/);
    await says('first-label', /^No answer$/);
  });

  test('over TLS takes the camera of the device that shows it', async () => {
    const scene = await cameraScene('dog', join(folder, 'dog.y4m'));
    const options = { flags: cameraFlags(scene), ignoreHTTPSErrors: true };
    const { page, at, says, complaints } = await open(['--host', '0.0.0.0', '--tls'], options);
    expect(new URL(page.url()).search).toBe('');
    await at('own').click();
    await says('first-label', /^dog$/);
    await says('figures', /Inference[\d.]+\sms/);
    await at('own').click();
    await says('own', /^Use this device's camera$/);
    expect(complaints()).toEqual([]);
  });
});

describe('for everybody', () => {
  test.each([
    ['phone', 390, 844, 'light'],
    ['phone', 390, 844, 'dark'],
    ['desktop', 1280, 800, 'light'],
    ['desktop', 1280, 800, 'dark'],
  ] as const)('on a %s of %d x %d, %s', async (_, width, height, colorScheme) => {
    const { page, says, choose, complaints } = await open(['--camera', seen], {
      viewport: { width, height },
      colorScheme,
      reducedMotion: 'reduce',
    });
    await says('first-label', /^cat$/);
    await says('figures', /Runs onCPU/);
    expect(await faults(page)).toEqual([]);
    await choose('Compare with', 'fp32');
    await says('second-label', /^cat$/);
    expect(await faults(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(complaints()).toEqual([]);
  });
});
