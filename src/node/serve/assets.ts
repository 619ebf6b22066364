import { readBuilt } from '../page/read-part.ts';

export type Asset = { readonly type: string; readonly body: Buffer };

/** All that is served of the page: a path is looked up here, and nowhere else. */
const ASSETS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
};

/** The page's files by their paths. Throws `io` where the package lacks one. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const entries = Object.entries(ASSETS);
  return new Map(entries.map(([path, [file, type]]) => [path, { type, body: readBuilt(`serve/${file}`) }]));
}
