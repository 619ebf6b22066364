import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { ResedgeError } from '../../errors.ts';
import { packageProducer } from '../package.ts';
import { isPrivate, shownAddress } from './source.ts';

/** An answer that is no redirect; whoever gets it reads `body` to its end or destroys it. */
export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** SHA-256 and size that Hugging Face states on the way to a large file. */
  readonly linked: { readonly sha256?: string; readonly bytes?: number };
};

/** Silence longer than this is a cut connection. */
const SILENCE_MS = 30_000;
const CONNECT_MS = 15_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Connections that honour `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or small letters. */
export function openAgent(): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      connect: { timeout: CONNECT_MS },
    });
  } catch (cause) {
    throw new ResedgeError(
      'usage',
      'HTTPS_PROXY, HTTP_PROXY: expected an address such as http://proxy:3128 (what came is not shown, it may hold a password)',
      { cause },
    );
  }
}

/**
 * One GET, through at most five redirects, none of them from https to http. `authorization` goes to the first origin alone. Throws
 * `input` for redirects that are not followed, and what undici throws where there was no answer.
 */
export async function get(
  first: URL,
  sent: { readonly authorization?: string; readonly range?: string; readonly 'if-range'?: string },
  dispatcher: Dispatcher,
): Promise<Answer> {
  const { name, version } = packageProducer();
  const { authorization, ...others } = sent;
  let url = first;
  let linked: Answer['linked'] = {};
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const known = authorization !== undefined && url.origin === first.origin && isPrivate(url);
    const headers = { 'user-agent': `${name}/${version}`, ...others, ...(known ? { authorization } : {}) };
    const { statusCode: status, headers: answered, body } = await request(url, { headers, dispatcher });
    linked = { ...linked, ...linkedOf(answered) };
    if (!REDIRECTS.includes(status)) return { status, headers: answered, body, linked };
    // What a redirect's page says is of no use.
    drop(body);
    url = follow(first, url, answered['location']);
  }
  throw new ResedgeError(
    'input',
    `${shownAddress(first)}: expected a file, redirected more than ${MAX_REDIRECTS} times`,
  );
}

/** Lets go of a body that nobody reads. */
export function drop(body: Readable): void {
  body.on('error', () => undefined).destroy();
}

function follow(first: URL, from: URL, location: string | string[] | undefined): URL {
  const fail = (what: string): never => {
    throw new ResedgeError('input', `${shownAddress(first)}: expected a redirect to another https address, ${what}`);
  };
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) return fail('it leads nowhere');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return fail(`it leads to ${url.protocol}`);
  if (from.protocol === 'https:' && url.protocol === 'http:') return fail(`it leads to http://${url.host}`);
  return url;
}

function linkedOf(headers: IncomingHttpHeaders): Answer['linked'] {
  const [, sha256] = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(String(headers['x-linked-etag'] ?? '')) ?? [];
  const bytes = Number(headers['x-linked-size'] ?? Number.NaN);
  return { ...(sha256 === undefined ? {} : { sha256 }), ...(Number.isSafeInteger(bytes) ? { bytes } : {}) };
}
