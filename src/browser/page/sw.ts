/** Every file of the page and its SHA-256, seen from this script; written before it. */
declare const FILES: Readonly<Record<string, string>>;

/** The part of a service worker's interface that is used; TypeScript's DOM library has none of it. */
type Scope = {
  readonly registration: ServiceWorkerRegistration;
  readonly skipWaiting: () => Promise<void>;
  readonly clients: { readonly claim: () => Promise<void> };
  readonly addEventListener: (
    type: 'install' | 'activate' | 'fetch',
    listener: (event: {
      readonly request: Request;
      readonly waitUntil: (work: Promise<unknown>) => void;
      readonly respondWith: (response: Promise<Response>) => void;
    }) => void,
  ) => void;
};

const worker = globalThis as unknown as Scope;
const { scope } = worker.registration;
const CACHE = `resedge ${scope}`;

/** The page itself; models and ONNX Runtime are kept once they have been used. */
const SHELL = Object.keys(FILES).filter((path) => !/^(models|ort)\//.test(path));

/** With these headers a page may use threads, on servers too that do not send them. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A file's address in the cache, which changes with its content. */
const keyOf = (path: string): string => `${scope}${path}?${FILES[path]}`;

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The file from the cache, else from the network, and then kept if it is whole and of this version. */
async function file(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(keyOf(path));
  if (kept !== undefined) return kept;
  const response = await fetch(scope + path, { cache: 'no-cache' });
  if (!response.ok) return response;
  const bytes = await response.arrayBuffer();
  const headers = { ...ISOLATION, 'Content-Type': response.headers.get('Content-Type') ?? '' };
  const whole = new Response(bytes, { headers });
  // A disk that is full costs the next visit, not this one.
  if ((await sha256(bytes)) === FILES[path]) await cache.put(keyOf(path), whole.clone()).catch(() => undefined);
  return whole;
}

async function forgetOthers(): Promise<void> {
  const cache = await caches.open(CACHE);
  const keys = new Set(Object.keys(FILES).map(keyOf));
  for (const { url } of await cache.keys()) if (!keys.has(url)) await cache.delete(url);
}

worker.addEventListener('install', (event) => {
  event.waitUntil(Promise.all(SHELL.map(file)).then(() => worker.skipWaiting()));
});
worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});
worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || !(origin + pathname).startsWith(scope)) return;
  const path = (origin + pathname).slice(scope.length) || 'index.html';
  if (Object.hasOwn(FILES, path)) event.respondWith(file(path));
});
