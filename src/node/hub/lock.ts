import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { ResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';

/**
 * Does `action` while this process alone holds `path`, a file with its number; one that an ended process left is taken over. Throws
 * `io` where another process holds it, saying what that does with `what`.
 */
export async function locked<T>(
  path: string,
  what: string,
  action: () => Promise<T>,
  doing = 'is pulling it',
): Promise<T> {
  take(path, what, doing, true);
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string, what: string, doing: string, again: boolean): void {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new ResedgeError('io', `${what}: could not be written, ${reasonOf(error)}`, { cause: error });
    }
    const holder = holderOf(path);
    if (holder !== undefined || !again) {
      const who = holder === undefined ? '' : ` ${holder}`;
      throw new ResedgeError('io', `${what}: process${who} ${doing}: wait for it, or remove ${path} if it is not`);
    }
    rmSync(path, { force: true });
    take(path, what, doing, false);
  }
}

/** The process that holds a lock; undefined where it has ended. */
function holderOf(path: string): number | undefined {
  try {
    const holder = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(holder) || holder <= 0) return undefined;
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    // A process of another user lives all the same.
    const alive = error instanceof Error && 'code' in error && error.code === 'EPERM';
    return alive ? Number(readFileSync(path, 'utf8')) : undefined;
  }
}
