import { type Browser, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];
const START_MS = 60_000;
const LOAD_MS = 30_000;
const CALL_MS = 120_000;

/** Debian's Chromium with a profile of its own, which is removed with it. */
export function startChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: [...FLAGS, ...flags], timeout: START_MS });
}

/** A page that has been loaded. */
export type Visit = {
  /** Calls a function of the page by name. */
  readonly call: <T>(name: string, ...args: readonly unknown[]) => Promise<T>;
  /** What the page complained of so far, each once asked for. */
  readonly complaints: () => readonly string[];
  readonly close: () => Promise<void>;
};

export async function visit(browser: Browser, address: string): Promise<Visit> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  await page.goto(address, { timeout: LOAD_MS });
  await page.waitForFunction('globalThis.peer !== undefined', undefined, { timeout: LOAD_MS });
  return {
    call: (name, ...args) => within(CALL_MS, name, evaluate(page, name, args)),
    complaints: () => complaints.splice(0),
    close: () => page.close(),
  };
}

function evaluate<T>(page: Page, name: string, args: readonly unknown[]): Promise<T> {
  return page.evaluate(
    ([functionName, values]) => {
      const { peer } = globalThis as unknown as { readonly peer: Readonly<Record<string, (...all: unknown[]) => T>> };
      return peer[functionName as string]!(...(values as unknown[]));
    },
    [name, args] as const,
  ) as Promise<T>;
}

async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
