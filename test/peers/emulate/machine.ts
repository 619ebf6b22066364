import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where `test/peers/setup.sh` puts what it installs. */
export const peersFolder: string = join(import.meta.dirname, '../../../.cache/peers');

/** The repository's root. */
export const repositoryFolder: string = join(import.meta.dirname, '../../..');

/** A processor to run a Node script on: this machine's own, or one that an emulator imitates. */
export type Machine = {
  readonly name: string;
  /** The program to start and its first arguments, Node last; a script and its arguments follow. */
  readonly command: readonly [string, ...string[]];
  /** The folder whose `node_modules` hold packages built for this processor. */
  readonly packages: string;
};

/**
 * Runs a Node script on a machine and returns its standard output. Rejects, with the script's standard error, when it
 * ends with anything but 0, and when the set-up has not been run.
 */
export function runScript(machine: Machine, script: string, args: readonly string[]): Promise<string> {
  const [program, ...first] = machine.command;
  for (const needed of [program, ...first].filter((word) => word.startsWith('/'))) {
    if (!existsSync(needed)) {
      return Promise.reject(new Error(`expected ${needed} for ${machine.name}: run test/peers/setup.sh`));
    }
  }
  return new Promise((resolve, reject) => {
    execFile(program, [...first, script, ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${script} failed on ${machine.name}: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}
