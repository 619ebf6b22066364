import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';
import { cameraFlags, cameraScene } from '../peers/browser/scene.ts';
import { serve } from '../peers/browser/serve.ts';
import { startChromium } from '../peers/browser/visit.ts';
import { median } from './common/alternate.ts';
import { bundled } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { workPath } from './common/folders.ts';
import { figure, report } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { seconds } from './common/units.ts';

const SCRIPTS = ['page.js', 'worker.js', 'worker-chunk.js', 'worker-teacher.js', 'sw.js'];
const OWN = ['index.html', 'style.css', ...SCRIPTS, 'manifest.json'];
const STEP_MS = 60_000;

const { rounds } = wholeNumbers({ rounds: 9 });

/** Runs before the page's own script: starts the camera, or shows a picture, as soon as the page lets it, and notes when answers come. */
const HURRY = `
  const times = (globalThis.times = {});
  const watch = new MutationObserver(() => {
    const camera = document.getElementById('camera');
    if (times.ready === undefined && camera && !camera.disabled) {
      times.ready = performance.now();
      if (!location.hash) camera.click();
      else createImageBitmap(new ImageData(64, 64)).then(async (bitmap) => {
        const canvas = new OffscreenCanvas(64, 64);
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        const dropped = new DataTransfer();
        dropped.items.add(new File([await canvas.convertToBlob()], 'black.png', { type: 'image/png' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
      });
    }
    if (times.answer === undefined && document.querySelector('#bars li')) times.answer = performance.now();
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true });
`;

type Times = { readonly ready: number; readonly answer: number };

/** Seconds from the navigation, in a tab of its own; what the page needs is in the browser's cache. */
async function visitOnce(context: BrowserContext, address: string): Promise<Times> {
  const page = await context.newPage();
  await page.goto(address, { timeout: STEP_MS });
  await page.locator('#bars li').first().waitFor({ timeout: STEP_MS });
  const { ready, answer } = (await page.evaluate('times')) as Times;
  await page.close();
  return { ready: ready / 1000, answer: answer / 1000 };
}

const model = await bundled();
const folder = workPath('page');
await resedge('page', '-o', folder, '--model', model, '--device', 'browser-wasm');
const scene = await cameraScene('dog', workPath('page.y4m'));
const site = await serve({ page: folder });
const browser = await startChromium(cameraFlags(scene));
const context = await browser.newContext();
await context.addInitScript(HURRY);
const address = `http://127.0.0.1:${site.port}/plain/page/`;
const first = await visitOnce(context, address);
const camera: Times[] = [];
const picture: Times[] = [];
for (let round = 0; round < rounds; round++) {
  camera.push(await visitOnce(context, address));
  picture.push(await visitOnce(context, `${address}#picture`));
}
await browser.close();
await site.close();
const gzipped = OWN.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
const of = (times: readonly Times[], which: keyof Times): number => median(times.map((one) => one[which]));
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
report(`a written page in Chromium, ResNet-20 INT8 on WASM, one thread, medians of ${rounds} later visits`, [
  figure('load to first answer, a picture', of(picture, 'answer'), 'at most', 1.5, seconds),
  figure('load to first answer, the camera', of(camera, 'answer'), 'at most', 1.5, seconds),
  { name: 'load to ready', measured: seconds(of(camera, 'ready')) },
  { name: 'first visit, nothing cached, to first answer', measured: seconds(first.answer) },
  figure("the page's own files, gzipped", gzipped, 'at most', 60_000, kilobytes),
]);
