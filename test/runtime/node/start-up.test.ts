import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { ROOT, succeed } from './resedge.ts';

type Coverage = { readonly result: readonly { readonly url: string }[] };

/** The modules of this package that a command loads, by their paths in the build. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const folder = folderWith();
  await succeed(args, { env: { NODE_V8_COVERAGE: folder } });
  return readdirSync(folder)
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage).result)
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => relative(join(ROOT, 'dist'), fileURLToPath(url)).split(sep).join('/'))
    .filter((path) => !path.startsWith('..'))
    .sort();
}

test('a start loads what declares the options, and nothing that does the work', async () => {
  const loaded = await loadedBy(['--version']);
  expect(loaded).toContain('src/cli/main.js');
  expect(loaded.filter((path) => !path.startsWith('src/cli/'))).toEqual([
    'converter/quantize/recipe.js',
    'converter/targets/names.js',
    'converter/train/head-recipe.js',
    'src/errors.js',
    'src/image/frame.js',
    'src/node/cache-folder.js',
    'src/node/files.js',
    'src/node/make-folders.js',
    'src/node/package.js',
    'src/node/tune/way.js',
    'src/pipeline/answers/defaults.js',
    'src/pipeline/answers/event-kinds.js',
    'src/pipeline/answers/region.js',
    'src/tensor/preprocessing.js',
    'src/tensor/quantization.js',
  ]);
});
