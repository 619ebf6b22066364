import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** What a single-page application's server sends for every address that it does not know. */
const FALLBACK = '<!doctype html><title>home</title><p>Welcome';

export type Site = { readonly port: number; readonly close: () => Promise<void> };

/**
 * Serves folders on 127.0.0.1: `/isolated/NAME/FILE` with the headers of cross-origin isolation, `/plain/NAME/FILE` without. Below
 * `/.../application/` every address gives an HTML page; the rest is not found.
 */
export async function serve(folders: Readonly<Record<string, string>>): Promise<Site> {
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const [mode, name = '', ...rest] = decodeURI(new URL(url, 'http://localhost').pathname).slice(1).split('/');
    const headers = mode === 'isolated' ? ISOLATION : {};
    try {
      const path = join(folders[name] ?? '', ...rest, rest.at(-1) === '' ? 'index.html' : '');
      const body = name === 'application' ? FALLBACK : await readFile(path);
      const type = name === 'application' ? 'text/html' : TYPES[extname(path)];
      response.writeHead(200, { ...headers, 'Content-Type': type ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404, headers).end('not here');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, close };
}
