import { isResedgeError, ResedgeError } from '../../errors.ts';
import { isPassing, networkReason } from '../network.ts';
import { type Again, retryAfterMs } from './insist.ts';
import type { Answer } from './request.ts';

/** Failures before anything was received that another try does not mend. */
const HOPELESS =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|.*CERT.*|UNABLE_TO_VERIFY_LEAF_SIGNATURE|EPROTO|UND_ERR_INVALID_ARG)$/;

/**
 * A failed connection: another try, or `io` where there seems to be no network. `met`: this host has answered before. Errors of this
 * program's own are thrown as they are.
 */
export function connectionFailed(shown: string, error: unknown, met: boolean, progress: boolean): Again {
  if (isResedgeError(error)) throw error;
  const [, proxy] = PROXY_ANSWER.exec(error instanceof Error ? error.message : '') ?? [];
  const reason = `${shown}: ${proxy === undefined ? networkReason(error) : `the proxy answered ${proxy}`}`;
  if (proxy !== undefined && Number(proxy) < 500) {
    throw new ResedgeError('io', `${reason}: check HTTPS_PROXY, and who may use it`, { cause: error });
  }
  if (met || !HOPELESS.test(codeOf(error))) return { kind: 'again', reason, progress };
  throw new ResedgeError('io', `${reason}: check the network, and HTTPS_PROXY where it needs a proxy`, {
    cause: error,
  });
}

/** What undici says of a proxy that opens no tunnel. */
const PROXY_ANSWER = /^Proxy response \((\d{3})\)/;

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at) return String(at.code);
  return '';
}

/** An answer that is no file: another try, or an error that says what to do. */
export function answerRefused(shown: string, { status, headers }: Answer): Again {
  if (isPassing(status)) {
    const afterMs = retryAfterMs(headers, Date.now());
    const reason = `${shown}: ${status === 429 ? 'too many requests (429)' : `the server answered ${status}`}`;
    return { kind: 'again', reason, progress: false, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  throw new ResedgeError('input', `${shown}: ${REFUSALS[status] ?? `expected a file, the server answered ${status}`}`);
}

const REFUSALS: Readonly<Record<number, string>> = {
  401: 'there is no such model, or it is not public: check the name, or set HF_TOKEN to a token that may read it',
  403: 'it may not be read: accept its conditions on its page, and set HF_TOKEN to a token that may read it',
  404: 'there is no such model or file (404): check the name',
  410: 'it is gone (410)',
};
