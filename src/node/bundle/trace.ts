import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What a module of the build needs to run. */
export type Traced = {
  /** Absolute paths of modules, the entry among them. */
  readonly files: readonly string[];
  /** Names of packages, sorted. */
  readonly packages: readonly string[];
};

/** Imports, dynamic ones and the entries of workers: every relative path of a module in quotes. */
const RELATIVE = /(["'])(\.\.?\/[^"'\n]+\.js)\1/g;
/** Statements begin their lines; words in comments and messages do not look like them. */
const BARE = /(?:^(?:import|export) (?:[^"'\n=]* from )?|^\} from |\bimport\()(["'])([a-z@][^"'\n]*)\1/gm;

/** Follows a built module through everything that it imports or starts. The compiler wrote these files, so their text is even. */
export function traceModules(entry: string): Traced {
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, , path] of text.matchAll(RELATIVE)) {
      const other = resolve(dirname(file), path!);
      if (existsSync(other)) open.push(other);
    }
    for (const [, , name] of text.matchAll(BARE)) {
      if (!name!.startsWith('node:')) packages.add(packageOf(name!));
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** The package of a module's name: `@scope/name/part` is of `@scope/name`. */
function packageOf(name: string): string {
  const parts = name.split('/');
  return parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
}
