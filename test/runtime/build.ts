import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Builds what is stale of `dist`, which the tests in this folder run. */
export function setup(): void {
  const compile = ['node_modules/typescript/bin/tsc', '-b', 'src', 'converter', 'src/node', 'src/browser'];
  for (const args of [compile, ['dist/src/node/page/build.js']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
  }
}
