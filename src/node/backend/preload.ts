import { constants } from 'node:os';
import { ResedgeError } from '../../errors.ts';
import { oneLine } from '../../runtime/explain.ts';

/** Keeps a library loaded when the handle to it is closed (dlfcn.h of glibc; Node does not name it). */
const RTLD_NODELETE = 0x1000;

/** What Node says of a library that was loaded and is no addon of its own. */
const NO_ADDON = /did not self-register/;

/**
 * Loads shared libraries by their paths, each after those it needs: whoever asks for one by its bare name later gets it, wherever it
 * lies. The search path itself can only be set before a process starts. Linux only. Throws `unavailable` for one that cannot be loaded.
 */
export function preload(files: readonly string[]): void {
  for (const file of files) {
    try {
      process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE);
    } catch (error) {
      if (error instanceof Error && NO_ADDON.test(error.message)) continue;
      throw new ResedgeError('unavailable', `expected ${file} to load, ${oneLine(error)}: install what it needs`, {
        cause: error,
      });
    }
  }
}
