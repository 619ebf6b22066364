import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plan } from '../../device/plan.ts';
import type { ProviderName } from '../../device/profile.ts';
import { ResedgeError } from '../../errors.ts';
import { identify } from '../../onnx/identify.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import { buildPath } from '../backend/own-runtime.ts';
import { readBytes } from '../files.ts';
import { makeFolders } from '../make-folders.ts';
import { PACKAGE_FOLDER, packageProducer } from '../package.ts';
import { copyPackages, copyRunning, findPackage } from './packages.ts';
import { expectPlace, placeFolder } from './place-folder.ts';
import { writeReadme } from './readme.ts';
import { commandsOf, ENTRY, MODEL_FILE, type TextFile, writeScripts } from './scripts.ts';
import { type SharpSource, takeSharp } from './sharp-build.ts';
import { planTarget, type Target, type TargetWishes } from './target.ts';
import { traceModules } from './trace.ts';

/** Providers whose libraries are files of their own. */
const APART: readonly ProviderName[] = ['cuda', 'tensorrt'];
/** What `resedge serve` shows in a browser. */
const PAGE = 'dist/serve';

export type BundleOptions = TargetWishes & {
  /** A model made by `convert`. */
  readonly model: string;
  /** The folder to make. */
  readonly output: string;
  /** True: replaces a folder that is there. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: string) => void;
};

/** One part of a bundle. */
export type BundlePart = {
  readonly name: 'runtime' | 'pictures' | 'program' | 'model';
  readonly what: string;
  readonly bytes: number;
};

export type Bundle = {
  readonly target: Target;
  readonly parts: readonly BundlePart[];
  readonly bytes: number;
  /** The commands that bring it to the device, try it, and keep it running. */
  readonly commands: readonly [string, string, string];
  readonly warnings: readonly string[];
};

/**
 * Makes the smallest folder that runs a model on a device: the runtime's modules, the packages that they import, the native libraries of
 * that one platform, the model, and scripts; no converter. The folder appears whole or not at all. Throws `usage` for a folder in the way
 * and what `planTarget` throws, `unsupported` for a model that the device cannot run, `unavailable` for a package that is missing here,
 * and `io` where the device's build of sharp cannot be fetched.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { model, output, docker } = options;
  const target = planTarget(options);
  const bytes = readBytes(model, 'an ONNX model');
  expectNotOrt(model, bytes);
  const metadata = identify(model, bytes);
  expectRunnable(model, metadata, target);
  expectPlace(output, options.force, [model]);
  const entry = join(root(), ENTRY);
  const absent = [entry, join(root(), PAGE)].find((path) => !existsSync(path));
  if (absent !== undefined) {
    throw new ResedgeError('unavailable', `expected the built package, there is no ${absent}: run npm run build`);
  }
  const commands = commandsOf(target, docker, output);
  const parts = await placeFolder(output, (folder) =>
    fill(folder, { ...options, target, entry, bytes, metadata, commands }),
  );
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  return { target, parts, bytes: total, commands, warnings: warningsOf(target, metadata) };
}

type Filling = BundleOptions & {
  readonly target: Target;
  readonly entry: string;
  readonly bytes: Uint8Array;
  readonly metadata: ModelMetadata;
  readonly commands: Bundle['commands'];
};

async function fill(folder: string, filling: Filling): Promise<readonly BundlePart[]> {
  const { target, entry, bytes, metadata, docker, commands } = filling;
  const { platform, arch, libc, profile, runtime } = target;
  const modules = join(folder, 'node_modules');
  const { files, packages } = traceModules(entry);
  const { version } = packageProducer();

  const sharp = findPackage('sharp', root());
  filling.onProgress?.(`fetching sharp ${sharp.version} for ${platform} ${arch}`);
  const source: SharpSource = { sharp, platform, arch, libc, signal: filling.signal };
  const { bytes: sharpBytes, build } = await takeSharp(source, modules);

  filling.onProgress?.('copying');
  const library = findPackage(runtime.kind === 'native' ? 'onnxruntime-node' : 'onnxruntime-web', root());
  const binaries = `${buildPath(platform, arch)}/`;
  if (runtime.kind === 'native' && !existsSync(join(library.folder, binaries))) {
    throw new ResedgeError(
      'unavailable',
      `expected ${binaries} in ${library.folder}, it is not there: run npm install --force onnxruntime-node@${library.version}`,
    );
  }
  const others = packages.filter((name) => name !== 'sharp' && !name.startsWith('onnxruntime-'));
  const copied = copyPackages([library, sharp, ...others.map((name) => findPackage(name, root()))], modules, {
    'onnxruntime-node': new RegExp(`^${binaries}`),
  });
  const texts = [
    ...writeScripts(target, docker),
    text('README.md', writeReadme({ target, docker, commands, model: describeModel(metadata), version })),
    text('package.json', json({ name: 'resedge', version, private: true, type: 'module' })),
    text(`devices/${profile.id}.json`, json(profile)),
    text('LICENSE', readFileSync(join(root(), 'LICENSE'), 'utf8')),
    ...files.map((file) => text(relative(root(), file), readFileSync(file, 'utf8'))),
  ];
  const pageBytes = copyRunning('resedge', join(root(), PAGE), join(folder, PAGE));
  const programBytes = texts.reduce((sum, file) => sum + writeText(folder, file), pageBytes);
  writeFileSync(join(folder, MODEL_FILE), bytes);

  const sizeOf = (name: string): number => copied.get(name) ?? 0;
  const absent = absentProviders(target);
  const providers = profile.providers.map(({ provider }) => provider).filter((name) => !absent.includes(name));
  return [
    {
      name: 'runtime',
      what: `${library.name} ${library.version} (${providers.join(', ')})`,
      bytes: sizeOf(library.name),
    },
    { name: 'pictures', what: `sharp ${sharp.version}, ${build}`, bytes: sharpBytes + sizeOf('sharp') },
    {
      name: 'program',
      what: `${files.length} modules, with ${others.join(', ')}`,
      bytes: others.reduce((sum, name) => sum + sizeOf(name), programBytes),
    },
    { name: 'model', what: describeModel(metadata), bytes: bytes.length },
  ];
}

const root = (): string => fileURLToPath(PACKAGE_FOLDER);

const text = (path: string, content: string): TextFile => ({ path, text: content, executable: false });

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function writeText(folder: string, { path, text, executable }: TextFile): number {
  const place = join(folder, path);
  makeFolders(dirname(place));
  writeFileSync(place, text, { mode: executable ? 0o755 : 0o644 });
  return statSync(place).size;
}

/** Throws `unsupported` where no provider that the bundle carries runs such a file. */
function expectRunnable(path: string, { precision, scheme }: ModelMetadata, { profile }: Target): void {
  const { candidates, skipped } = plan(profile, [], { model: { precision, scheme } });
  if (candidates.length > 0) return;
  const reasons = skipped.map(({ reason }) => reason).join('; ');
  throw new ResedgeError('unsupported', `${path}: expected a file that ${profile.name} runs, ${reasons}`);
}

function describeModel({ arch, precision, scheme, labels }: ModelMetadata): string {
  return [arch, [precision, scheme].filter(Boolean).join(' '), `${labels.length} classes`].filter(Boolean).join(', ');
}

/** Providers of the profile whose libraries are not in the package installed here. */
function absentProviders({ profile, platform, arch, runtime }: Target): readonly ProviderName[] {
  if (runtime.kind === 'wasm') return [];
  const names = readdirSync(join(findPackage('onnxruntime-node', root()).folder, buildPath(platform, arch)));
  return profile.providers
    .map(({ provider }) => provider)
    .filter((name) => APART.includes(name) && !names.some((file) => file.includes(`providers_${name}`)));
}

/** What keeps the model from the first provider of the profile, one line each. */
function warningsOf(target: Target, { precision, scheme }: ModelMetadata): readonly string[] {
  const { profile, runtime } = target;
  if (runtime.kind === 'wasm') return [`the bundle computes in WebAssembly: ${runtime.why}`];
  const { skipped } = plan(profile, [], { model: { precision, scheme } });
  const refused = profile.providers[0]?.provider === skipped[0]?.provider ? skipped.map(({ reason }) => reason) : [];
  const absent = absentProviders(target);
  if (absent.length === 0) return refused;
  const [names, way] = [absent.join(' and '), 'docs/devices.md says how they get there'];
  return [...refused, `the bundle has no libraries of ${names}, onnxruntime-node has none here: ${way}`];
}
