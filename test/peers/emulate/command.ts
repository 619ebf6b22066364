import { execFile } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, repositoryFolder, runScript } from './machine.ts';

/** Lays the built package out in an empty folder beside the packages that a machine loads, for {@link runCommand}. */
export function layOut(machine: Machine, folder: string): void {
  for (const part of ['dist', 'devices', 'models']) {
    cpSync(join(repositoryFolder, part), join(folder, part), { recursive: true });
  }
  cpSync(join(repositoryFolder, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(machine.packages, 'node_modules'), join(folder, 'node_modules'));
}

/** Runs the command line laid out in a folder on a machine; returns its standard output. */
export function runCommand(machine: Machine, folder: string, args: readonly string[]): Promise<string> {
  return runScript(machine, join(folder, 'dist/src/cli/main.js'), args);
}

/** Writes a program `node` into a folder, which starts the machine's: first in the search path, it makes shell scripts run there. */
export function writeNode(machine: Machine, folder: string): void {
  const words = machine.command.map((word) => `'${word}'`).join(' ');
  writeFileSync(join(folder, 'node'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/** Runs a shell script whose `node` is that of {@link writeNode} in `bin`; returns its standard output. Rejects with its errors. */
export function runShell(
  script: string,
  args: readonly string[],
  bin: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = `${bin}:${process.env['PATH'] ?? ''}`;
    execFile(script, args, { env: { ...process.env, ...env, PATH: path } }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${script} failed: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}
