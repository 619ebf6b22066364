import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PageManifest } from '../../device/page-manifest.ts';
import { ResedgeError } from '../../errors.ts';
import { sha256Hex } from '../cache/digest.ts';
import type { ReadModel } from './models.ts';
import { readBuilt, readPart } from './read-part.ts';

/** A file of the page, by its path in the folder. */
export type PageFile = { readonly path: string; readonly bytes: Uint8Array };

const OWN = ['worker-chunk.js', 'worker-teacher.js', 'worker.js', 'page.js', 'style.css', 'index.html'];
const SERVICE_WORKER = 'sw.js';

/** What ONNX Runtime's builds consist of: its own script, and the module that it starts. */
const BUILDS = {
  wasm: ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'],
  gpu: ['ort.webgpu.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'],
} as const;

/**
 * The files of a page, in the order to write them: what others refer to comes first. The service worker knows each by its hash. Throws `io`
 * where the package or onnxruntime-web lacks a file.
 */
export function pageFiles(manifest: PageManifest, models: readonly ReadModel[]): readonly PageFile[] {
  const providers = new Set(manifest.profiles.flatMap((profile) => profile.providers.map(({ provider }) => provider)));
  const builds = [BUILDS.wasm, ...(providers.has('webgpu') || providers.has('webnn') ? [BUILDS.gpu] : [])];
  const files: readonly PageFile[] = [
    ...builds.flat().map((name) => ({ path: `ort/${name}`, bytes: ortFile(name) })),
    ...models.map(({ model, bytes }) => ({ path: model.path, bytes })),
    { path: 'manifest.json', bytes: new TextEncoder().encode(JSON.stringify(manifest)) },
    ...OWN.map((name) => ({ path: name, bytes: readBuilt(`page/${name}`) })),
  ];
  const hashes = Object.fromEntries(files.map(({ path, bytes }) => [path, sha256Hex(bytes)]));
  const known = new TextEncoder().encode(`const FILES=${JSON.stringify(hashes)};\n`);
  return [...files, { path: SERVICE_WORKER, bytes: Buffer.concat([known, readBuilt(`page/${SERVICE_WORKER}`)]) }];
}

function ortFile(name: string): Uint8Array {
  const mend = 'npm install onnxruntime-web';
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  } catch (cause) {
    throw new ResedgeError('io', `expected onnxruntime-web, it is not installed: ${mend}`, { cause });
  }
  return readPart(join(dirname(entry), name), mend);
}
