import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './process.ts';
import { say } from './report.ts';

/** A Python in a folder of its own with `packages`, each `name==version`: installed on first use and where they have changed. */
export async function pythonWith(folder: string, packages: readonly string[]): Promise<string> {
  const program = join(folder, 'bin/python3');
  const mark = join(folder, '.finished');
  const wanted = packages.join(' ');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return program;
  say(`installing ${wanted}`);
  rmSync(folder, { recursive: true, force: true });
  await measure('python3', ['-m', 'venv', folder]);
  await measure(program, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages]);
  writeFileSync(mark, wanted);
  return program;
}
