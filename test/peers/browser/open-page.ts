import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const STEP_MS = 30_000;

/** A page of the package's, opened in a browser; every step has a time limit. */
export type OpenedPage = {
  readonly page: Page;
  readonly at: (id: string) => Locator;
  /** Waits until an element has this text. */
  readonly says: (id: string, text: string | RegExp) => Promise<void>;
  /** Loads it (again), and waits until it has started or failed. */
  readonly load: () => Promise<void>;
  /** What the page complained of so far, each once asked for. */
  readonly complaints: () => readonly string[];
};

export type OpenOptions = BrowserContextOptions & {
  /** Runs before the page's own. */
  readonly script?: string;
  /** What is no complaint. */
  readonly overlooked?: readonly string[];
};

/** Opens what `resedge page` wrote or `resedge serve` serves. */
export async function openPage(
  browser: Browser,
  address: string,
  { script, overlooked = [], ...options }: OpenOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  if (script !== undefined) await page.addInitScript(script);
  page.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    const said = message.text();
    if (['error', 'warning'].includes(message.type()) && !overlooked.includes(said)) complaints.push(said);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  const at = (id: string): Locator => page.locator(`#${id}`);
  const load = async (): Promise<void> => {
    await page.goto(address);
    await page.locator('main:not([data-state=loading])').waitFor();
  };
  const says = async (id: string, text: string | RegExp): Promise<void> =>
    await expect.poll(() => at(id).textContent(), { timeout: STEP_MS, interval: 100 }).toMatch(text);
  await load();
  return { page, at, says, load, complaints: () => complaints.splice(0) };
}
