import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PageManifest, PageProfile } from '../../device/page-manifest.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import { resolveProfile } from '../../device/resolve.ts';
import { ResedgeError } from '../../errors.ts';
import { bundledProfiles } from '../device/bundled.ts';
import { loadProfile } from '../device/load-profile.ts';
import { reasonOf } from '../files.ts';
import { packageProducer } from '../package.ts';
import { expectWritable, writeWhole } from '../write-whole.ts';
import { pageFiles } from './files.ts';
import { readModels } from './models.ts';

export type PageRequest = {
  readonly folder: string;
  /** Files of one network, one of each precision. */
  readonly models: readonly string[];
  /** The browser's profile to heed; default: all, of which each browser takes what it has. */
  readonly device?: string | undefined;
};

export type WrittenPage = {
  readonly folder: string;
  readonly manifest: PageManifest;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
};

/** What tells a page written here from a folder of something else. */
const MARK = 'manifest.json';
const MODEL_FILE = /^[0-9a-f]{64}\.onnx$/;

/**
 * Writes a page that classifies in the browser alone. A page written before is brought up to date, and its models that are no longer named
 * are removed. Throws `usage` for a folder of something else, and leaves nothing behind where writing fails.
 */
export function writePage({ folder, models: paths, device }: PageRequest): WrittenPage {
  const models = readModels(paths);
  expectPlace(folder);
  const { name, version } = packageProducer();
  const manifest: PageManifest = {
    tool: `${name} ${version}`,
    arch: models[0]!.metadata.arch,
    models: models.map(({ model }) => model),
    profiles: profiles(device).map(pageProfile),
  };
  const files = pageFiles(manifest, models);
  for (const { path } of files) expectWritable(join(folder, path), []);
  const made: string[] = [];
  try {
    for (const { path, bytes } of files) {
      const place = join(folder, path);
      if (!existsSync(place)) made.push(place);
      writeWhole(place, [bytes]);
    }
  } catch (error) {
    removeAll(made, folder);
    throw error;
  }
  removeOldModels(folder, new Set(manifest.models.map(({ path }) => path)));
  return { folder, manifest, files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length })) };
}

function profiles(device: string | undefined): readonly DeviceProfile[] {
  if (device !== undefined) {
    const profile = loadProfile(device);
    if (profile.providers.some(({ backend }) => backend === 'onnxruntime-web') && profile.detect.web !== undefined)
      return [profile];
    throw new ResedgeError('usage', `expected a browser's profile for a page, received ${device}: see resedge devices`);
  }
  const stored = bundledProfiles();
  return [...stored.values()].filter(({ detect }) => detect.web).map(({ id }) => resolveProfile(id, stored));
}

function pageProfile({ id, detect, threads, providers }: DeviceProfile): PageProfile {
  return { id, detect, threads, providers };
}

function expectPlace(folder: string): void {
  let names: readonly string[] = [];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    if (!existsSync(folder)) return;
    throw new ResedgeError('io', `${folder}: expected a folder to write the page to, ${reasonOf(cause)}`, { cause });
  }
  if (names.length === 0 || isPage(folder)) return;
  throw new ResedgeError(
    'usage',
    `${folder}: expected a new or empty folder, or a page written before, it holds other files: name another folder`,
  );
}

function isPage(folder: string): boolean {
  try {
    const { tool, models } = JSON.parse(readFileSync(join(folder, MARK), 'utf8'));
    return typeof tool === 'string' && tool.startsWith('resedge ') && Array.isArray(models);
  } catch {
    return false;
  }
}

function removeOldModels(folder: string, named: ReadonlySet<string>): void {
  for (const name of readdirSync(join(folder, 'models')))
    if (MODEL_FILE.test(name) && !named.has(`models/${name}`)) rmSync(join(folder, 'models', name));
}

/** Removes files, and the folders up to `folder` that are empty then. */
function removeAll(paths: readonly string[], folder: string): void {
  for (const path of paths) rmSync(path, { force: true });
  const folders = new Set([...paths.map(dirname), folder].sort((a, b) => b.length - a.length));
  for (const one of folders) {
    try {
      rmdirSync(one);
    } catch {
      // It holds something, or is not there.
    }
  }
}
