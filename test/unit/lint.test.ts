import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

type Diagnostic = {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
};

const RULES = /noRestrictedImports|noRestrictedGlobals|noConsole/;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIXTURES = join(ROOT, 'test/lint');

/** Fixtures stand where their rooms are, since the rules go by path, and away from the repository, which leaves them out. */
const folder = mkdtempSync(join(tmpdir(), 'resedge-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lint(): readonly Diagnostic[] {
  cpSync(FIXTURES, folder, { recursive: true });
  for (const file of ['biome.json', '.gitignore']) copyFileSync(join(ROOT, file), join(folder, file));
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`biome gave no report: ${stderr}`);
  const report: { readonly diagnostics: readonly Diagnostic[] } = JSON.parse(stdout);
  return report.diagnostics.filter(({ category }) => RULES.test(category));
}

const fixtures = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const diagnostics = lint();

describe("the linter refuses what a room's walls forbid", () => {
  it.each(fixtures)('%s: every line', (name) => {
    const lines = readFileSync(join(FIXTURES, name), 'utf8').trimEnd().split('\n');
    const refused = new Set(diagnostics.filter(({ location }) => location.path === name).map(lineOf));
    expect(lines.filter((_, index) => !refused.has(index + 1))).toEqual([]);
  });

  it('in every room', () => {
    const rooms = ['src', 'converter'].flatMap((parent) =>
      readdirSync(join(ROOT, parent), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${parent}/${entry.name}`),
    );
    expect(rooms.filter((room) => !fixtures.includes(`${room}/some.ts`))).toEqual([]);
  });
});

function lineOf({ location }: Diagnostic): number {
  return location.start.line;
}
