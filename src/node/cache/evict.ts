import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What all kept graphs together may take. */
const MAX_BYTES = 512 * 2 ** 20;

/** A folder that was begun this long ago and not finished belongs to a process that is gone. */
const ABANDONED_MS = 60 * 60 * 1000;

export const PARTIAL = '.partial';

type Kept = { readonly path: string; readonly bytes: number; readonly usedMs: number };

/** Removes entries from a folder of entries until the rest fits, the one used longest ago first, and what was begun and left. */
export function evict(folder: string, maxBytes: number = MAX_BYTES, now: number = Date.now()): void {
  const entries = readdirSync(folder).map((name) => measure(join(folder, name)));
  const begun = entries.filter(({ path }) => path.endsWith(PARTIAL));
  for (const { path, usedMs } of begun) if (now - usedMs > ABANDONED_MS) remove(path);
  const kept = entries.filter((entry) => !begun.includes(entry)).sort((a, b) => b.usedMs - a.usedMs);
  let sum = 0;
  for (const { path, bytes } of kept) {
    sum += bytes;
    if (sum > maxBytes) remove(path);
  }
}

/** The time of a folder is set anew with every use. */
function measure(path: string): Kept {
  try {
    const sizes = readdirSync(path).map((name) => statSync(join(path, name)).size);
    return { path, bytes: sizes.reduce((sum, size) => sum + size, 0), usedMs: statSync(path).mtimeMs };
  } catch {
    // Another process removes it at this moment.
    return { path, bytes: 0, usedMs: 0 };
  }
}

/** What another process has open stays readable to it, save on Windows, where the entry then stays. */
export function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It is removed another time.
  }
}
