import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));
export const ORT: string = join(ROOT, 'node_modules/onnxruntime-web/dist');

/** Bundles the page and its worker, which import the built package by its name, into `folder`. */
export async function bundlePage(folder: string): Promise<void> {
  const page = join(ROOT, 'test/peers/browser/page');
  await build({
    entryPoints: [join(page, 'page.ts'), join(page, 'worker.ts')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  );
  // Beside the script, where the library looks without wasmPaths.
  copyFileSync(join(ORT, 'ort-wasm-simd-threaded.wasm'), join(folder, 'ort-wasm-simd-threaded.wasm'));
}
