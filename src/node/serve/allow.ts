import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { isLocal, ownNames } from './own-names.ts';

/** What a request says of where it comes from and what it may do. */
export type Asking = {
  readonly method: string;
  /** Of the route that answers it; undefined where there is none. */
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** In the address, where it carries one. */
  readonly token: string | undefined;
};

export type AllowOptions = {
  /** The server is for this machine alone. */
  readonly local: boolean;
  /** Further names that it goes by. */
  readonly names: readonly string[];
  readonly token: string | undefined;
  /** Name of the cookie that carries the token. */
  readonly cookie: () => string;
};

export type Refusal = { readonly status: 401 | 403 | 421; readonly error: string };

/** The one path that tells nothing and asks for no token. */
const OPEN_PATH = '/healthz';
const HOST = /^(?<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/**
 * Why a request is turned away, undefined where it is not. A page of another site can make a browser ask, also under a name of its own that
 * leads here (DNS rebinding): so the Host must be an address or a name of this machine, and an Origin must be the Host.
 */
export function allower({ local, names, token, cookie }: AllowOptions): (asking: Asking) => Refusal | undefined {
  const own = new Set([...names, ...(local ? [] : ownNames())].map((name) => name.toLowerCase()));
  const known = (name: string): boolean => {
    const address = name.replace(/^\[|\]$/g, '');
    return own.has(name) || isLocal(address) || (!local && isIP(address) !== 0);
  };
  const digest = token === undefined ? undefined : digestOf(token);
  return ({ method, path, headers, token: given }) => {
    const host = text(headers['host']).toLowerCase();
    const name = HOST.exec(host)?.groups?.['name'];
    if (name === undefined || !known(name))
      return {
        status: 421,
        error: `expected a name of this server in the header Host, received ${shown(host)}: start it with --allow-host <name> to let it go by another`,
      };
    const { origin } = headers;
    if (origin !== undefined && hostOf(text(origin)) !== host)
      return {
        status: 403,
        error: `expected a request of this server's own page, it comes from ${shown(text(origin))}`,
      };
    const site = headers['sec-fetch-site'];
    const visiting = method === 'GET' && path === '/' && headers['sec-fetch-mode'] === 'navigate';
    if ((site === 'cross-site' || site === 'same-site') && !visiting)
      return { status: 403, error: "expected a request of this server's own page, it comes from another site" };
    if (digest === undefined || path === OPEN_PATH) return undefined;
    const offered = [bearer(headers), cookieOf(headers, cookie()), ...(path === '/' ? [given] : [])];
    if (offered.some((one) => one !== undefined && timingSafeEqual(digestOf(one), digest))) return undefined;
    return {
      status: 401,
      error:
        'expected the token: open the address that resedge serve printed, or send the header Authorization: Bearer <token>',
    };
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function text(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.[0] ?? '');
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** What a stranger sent, fit for a line. */
function shown(value: string): string {
  return value === '' ? 'none' : value.slice(0, 100);
}

function bearer(headers: Asking['headers']): string | undefined {
  return /^bearer +(\S+)$/i.exec(text(headers['authorization']))?.[1];
}

function cookieOf(headers: Asking['headers'], name: string): string | undefined {
  const parts = text(headers['cookie']).split(/; */);
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}
