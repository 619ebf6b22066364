import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const STEP_MS = 30_000;

/** Chromium's own remark where a page asks for a graphics adapter and there is none. */
const NO_ADAPTER = 'No available adapters.';

/** The page that `resedge page` wrote, opened in a browser; every step has a time limit. */
export type WrittenPage = {
  readonly page: Page;
  readonly at: (id: string) => Locator;
  /** Waits until an element has this text. */
  readonly says: (id: string, text: string | RegExp) => Promise<void>;
  /** Loads it (again), and waits until it is ready or has failed. */
  readonly load: () => Promise<void>;
  /** What the page complained of so far, each once asked for. */
  readonly complaints: () => readonly string[];
};

export async function openWritten(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WrittenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    const said = message.text();
    if (['error', 'warning'].includes(message.type()) && said !== NO_ADAPTER) complaints.push(said);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  const at = (id: string): Locator => page.locator(`#${id}`);
  const load = async (): Promise<void> => {
    await page.goto(address);
    await page.locator('main:is([data-state=ready], [data-state=failed])').waitFor();
  };
  const says = async (id: string, text: string | RegExp): Promise<void> =>
    await expect.poll(() => at(id).textContent(), { timeout: STEP_MS, interval: 100 }).toMatch(text);
  await load();
  return { page, at, says, load, complaints: () => complaints.splice(0) };
}
