import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';

export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));
export const MAIN: string = join(ROOT, 'dist/src/cli/main.js');
export const BUNDLED: string = join(ROOT, 'models/resnet20-cifar10');
export const WEIGHTS: string = join(BUNDLED, 'resnet20-cifar10.safetensors');
export const TABLE: string = join(BUNDLED, 'calibration.json');
export const PICTURES: string = join(BUNDLED, 'pictures');
export const CLASSES: readonly string[] = JSON.parse(readFileSync(join(BUNDLED, 'manifest.json'), 'utf8')).labels;

const TIMEOUT = 20_000;

export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Where = {
  /** The working folder; default: this repository. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Runs a program to its end. One that does not end is killed, and its code is null. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env }: Where = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: TIMEOUT, maxBuffer: 2 ** 26 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs the built command in a process of its own. */
export function resedge(args: readonly string[], where?: Where): Promise<Outcome> {
  return runProgram(process.execPath, [MAIN, ...args], where);
}

/** Runs a command that must do its work without a word on stderr; returns stdout. */
export async function succeed(args: readonly string[], where?: Where): Promise<string> {
  const { stdout, ...rest } = await resedge(args, where);
  expect(rest).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** The one line of JSON that a command prints. */
export async function json(args: readonly string[], where?: Where): Promise<unknown> {
  const stdout = await succeed([...args, '--json'], where);
  expect(stdout.match(/\n/g)).toHaveLength(1);
  return JSON.parse(stdout);
}

/** Every file and folder below, with its size. */
export function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stats: statSync(join(folder, name), { throwIfNoEntry: false }) }))
    .map(({ name, stats }) => `${name} ${stats?.isFile() ? stats.size : ''}`)
    .sort();
}

/**
 * Runs a command in `folder` that must fail: with this exit code and one line on stderr that matches, nothing on stdout, and nothing
 * left in the folder or in the folder for temporary files.
 */
export async function refuse(
  args: readonly string[],
  expected: { readonly code: 1 | 2; readonly says: RegExp; readonly folder?: string },
  run: (args: readonly string[], where: Where) => Promise<Outcome> = resedge,
): Promise<void> {
  const { code, says, folder = folderWith() } = expected;
  const before = contents(folder);
  const temporary = folderWith();
  const outcome = await run(args, { cwd: folder, env: { TMPDIR: temporary } });
  expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^resedge: [^\n]+\n$/) });
  expect(outcome.stderr).toMatch(says);
  expect(contents(folder)).toEqual(before);
  expect(contents(temporary)).toEqual([]);
}
