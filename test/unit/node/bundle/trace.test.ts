import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceModules } from '../../../../src/node/bundle/trace.ts';
import { folderWith } from '../folder.ts';

test('a module is followed through its imports, dynamic ones and workers; words are not', () => {
  const folder = folderWith({
    'main.js': `
import { a } from './a.js';
import {
  b,
} from '@scope/package/part';
import 'side-effect';
import { join } from 'node:path';
export { c } from "./deep/c.js";
// data taken from 'nowhere', import 'nothing' or './none.js'
export const from = 'not-a-package';
new Worker(new URL(entry ? './source.mjs' : './worker.js', import.meta.url));
const late = await import('./late.js');`,
    'a.js': `import { main } from './main.js';`,
    'deep/c.js': `const { z } = await import('late-package');\nimport '../a.js';`,
    'worker.js': '',
    'late.js': '',
    'unused.js': '',
  });
  const { files, packages } = traceModules(join(folder, 'main.js'));
  const names = ['a.js', 'deep/c.js', 'late.js', 'main.js', 'worker.js'];
  expect(files).toEqual(names.map((name) => join(folder, name)));
  expect(packages).toEqual(['@scope/package', 'late-package', 'side-effect']);
});
