import { copyFileSync, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { makeFolders } from '../make-folders.ts';

/** An installed package. */
export type Installed = {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
  readonly optional: Readonly<Record<string, string>>;
};

/** Which files of a package run, by their paths in it, and which of its dependencies. */
type Rule = { readonly keep?: RegExp; readonly drop?: RegExp; readonly dependencies?: readonly string[] };

/** Sources, declarations, source maps, texts, and what serves the package's own development; licences stay. */
const NEVER = /\.([cm]?ts|map|md|markdown|h|cc|gyp)$|^(\.|(tests?|examples?|benchmarks?|docs?|fixture)\/)/i;
const LICENCE = /(^|\/)(licen[cs]e|notice|copying|third)[^/]*$/i;
const ALWAYS = /^package\.json$/;

/** What is known of packages that bring more than runs here. */
const RULES: Readonly<Record<string, Rule>> = {
  '@bufbuild/protobuf': { keep: /^dist\/esm\// },
  mqtt: { drop: /^(dist|help|build\/bin)\// },
  'onnxruntime-common': { keep: /^dist\/cjs\// },
  // Its other dependencies serve its installation.
  'onnxruntime-node': { keep: /^dist\//, dependencies: ['onnxruntime-common'] },
  // The build for require() has the rest inside, the WASM file and its loader beside it.
  'onnxruntime-web': { keep: /^dist\/(ort\.wasm\.min\.js|ort-wasm-simd-threaded\.(mjs|wasm))$/, dependencies: [] },
  sharp: { keep: /^dist\// },
  zod: { drop: /^(src|v4-mini|mini|v3)\/|\.cjs$/ },
};

/** Of no built-in module, for whose names Node tells no places. */
const ANY = 'any-package';

/** The package as a module in `from` finds it. Throws `unavailable`, saying how to install it. */
export function findPackage(name: string, from: string): Installed {
  const found = lookFor(name, from);
  if (found !== undefined) return found;
  const skip = name === 'onnxruntime-node' ? 'ONNXRUNTIME_NODE_INSTALL=skip ' : '';
  throw new ResedgeError('unavailable', `expected the package ${name} here to copy it: run ${skip}npm install ${name}`);
}

/** Like {@link findPackage}; undefined where it is not installed. */
export function lookFor(name: string, from: string): Installed | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(ANY) ?? [];
  const place = places.find((path) => existsSync(join(path, name, 'package.json')));
  if (place === undefined) return undefined;
  const folder = realpathSync(join(place, name));
  const { version, dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const optional: Readonly<Record<string, string>> = optionalDependencies ?? {};
  const all = Object.keys(dependencies ?? {}).filter((other) => !(other in optional) && !other.startsWith('@types/'));
  return { name, version, folder, dependencies: RULES[name]?.dependencies ?? all, optional };
}

/**
 * Copies packages and those that they depend on into `modules`, a folder node_modules, without what does not run. `extra` names files
 * of a package that its rule leaves out. Returns the bytes copied by the name of the package that was asked for.
 */
export function copyPackages(
  packages: readonly Installed[],
  modules: string,
  extra: Readonly<Record<string, RegExp>> = {},
): ReadonlyMap<string, number> {
  const placed = new Map<string, string>();
  const place = (item: Installed, parent: string): number => {
    const top = placed.get(item.name);
    if (top === item.folder) return 0;
    // Another version stands at the top: this one goes below the package that wants it.
    const target = join(top === undefined ? modules : join(parent, 'node_modules'), item.name);
    if (existsSync(target)) return 0;
    if (top === undefined) placed.set(item.name, item.folder);
    const own = copyRunning(item.name, item.folder, target, extra[item.name]);
    return item.dependencies.reduce((sum, name) => sum + place(findPackage(name, item.folder), target), own);
  };
  return new Map(packages.map((item) => [item.name, place(item, modules)]));
}

function runs(name: string, extra: RegExp | undefined): (path: string) => boolean {
  const { keep, drop } = RULES[name] ?? {};
  return (path) => {
    if (ALWAYS.test(path) || LICENCE.test(path) || extra?.test(path)) return true;
    return !NEVER.test(path) && !drop?.test(path) && (keep?.test(path) ?? true);
  };
}

/** Copies those files of the package in `from` that run into the folder `to`, its own packages left out; returns their bytes. */
export function copyRunning(name: string, from: string, to: string, extra?: RegExp): number {
  const wanted = runs(name, extra);
  let bytes = 0;
  for (const found of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const path = found.replaceAll(sep, '/');
    if (path.startsWith('node_modules/') || !wanted(path)) continue;
    const stats = statSync(join(from, found));
    if (!stats.isFile()) continue;
    makeFolders(dirname(join(to, found)));
    copyFileSync(join(from, found), join(to, found));
    bytes += stats.size;
  }
  return bytes;
}
