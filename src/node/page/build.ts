import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { PALETTE } from '../../../converter/report/palette.ts';
import { PACKAGE_FOLDER } from '../package.ts';

/** ONNX Runtime stays out of the bundle: `resedge page` copies its modules beside it, as they are installed. */
const besideThePage: Plugin = {
  name: 'onnxruntime-web beside the page',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^onnxruntime-web\// }, ({ path }) => ({
      path: `./ort/${path.replace('onnxruntime-web/', 'ort.')}.min.mjs`,
      external: true,
    }));
  },
};

const pathIn = (path: string): string => fileURLToPath(new URL(path, PACKAGE_FOLDER));
const source = (name: string): string => pathIn(`src/browser/${name}`);

/** What both pages look like, before their own. */
const SHARED_STYLES = ['page-ui/look.css', 'page-ui/stage.css'];

/** Puts a page of `src/browser` together, in a folder of `dist`. */
async function bundle(page: string, scripts: readonly string[], styles: readonly string[]): Promise<void> {
  const output = (name: string): string => pathIn(`dist/${page}/${name}`);
  // Each for itself: what a script imports when it needs it, and what both share, become files that are named for it.
  for (const script of scripts)
    await build({
      entryPoints: [source(`${page}/${script}`)],
      outdir: output(''),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      splitting: true,
      chunkNames: `${basename(script, '.ts')}-[name]`,
      plugins: [besideThePage],
      logLevel: 'warning',
    });
  const css = [...SHARED_STYLES, ...styles].map((name) => readFileSync(source(name), 'utf8'));
  writeFileSync(output('style.css'), [PALETTE.trimStart(), ...css].join(''));
  copyFileSync(source(`${page}/index.html`), output('index.html'));
}

await bundle('page', ['page.ts', 'worker.ts', 'sw.ts'], ['page/page.css']);
await bundle('serve', ['page.ts'], ['serve/serve.css']);
