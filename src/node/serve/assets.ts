import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ResedgeError } from '../../errors.ts';
import { reasonOf } from '../files.ts';
import { PACKAGE_FOLDER } from '../package.ts';

export type Asset = { readonly type: string; readonly body: Buffer };

/** All that is served of the page: a path is looked up here, and nowhere else. */
const ASSETS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
};

/** The page's files by their paths. Throws `io` where the package lacks one. */
export function readAssets(): ReadonlyMap<string, Asset> {
  return new Map(
    Object.entries(ASSETS).map(([path, [file, type]]) => {
      const place = fileURLToPath(new URL(`dist/serve/${file}`, PACKAGE_FOLDER));
      try {
        return [path, { type, body: readFileSync(place) }];
      } catch (cause) {
        throw new ResedgeError('io', `${place}: expected a part of the page, ${reasonOf(cause)}: npm run build`, {
          cause,
        });
      }
    }),
  );
}
