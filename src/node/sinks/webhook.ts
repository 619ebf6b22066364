import { ResedgeError } from '../../errors.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';
import { isPassing, networkReason } from '../network.ts';
import type { Address } from './address.ts';
import type { Sink } from './types.ts';

export type WebhookOptions = {
  readonly address: Address;
  /** Sent with every request and never shown. */
  readonly headers: Headers;
  readonly limitMs: number;
};

/** Posts each event as JSON. An answer of 200 to 299 delivers it; 408, 425, 429, 500 and above ask for another try, others refuse it. */
export function openWebhook({ address, headers, limitMs }: WebhookOptions): Sink<CameraEvent> {
  let current: AbortController | undefined;
  let closed = false;
  const { target, sent } = withoutUser(address, headers);
  return {
    name: address.shown,
    deliver: async (event) => {
      // AbortSignal.any, with a signal that lives on, would keep something of every request.
      const request = new AbortController();
      current = request;
      if (closed) request.abort();
      const late = setTimeout(() => request.abort(new DOMException('no answer in time', 'TimeoutError')), limitMs);
      const status = await post(target, event, sent, request.signal).finally(() => clearTimeout(late));
      if (status >= 200 && status < 300) return;
      const said = `expected status 200, the server answered ${status}`;
      throw new ResedgeError(isPassing(status) ? 'unavailable' : 'input', said);
    },
    close: async () => {
      closed = true;
      current?.abort();
    },
  };
}

/** A redirect is not followed: it would turn the POST into a GET. */
async function post(target: URL, event: CameraEvent, headers: Headers, signal: AbortSignal): Promise<number> {
  try {
    const body = JSON.stringify(event);
    const response = await fetch(target, { method: 'POST', headers, body, signal, redirect: 'manual' });
    await response.body?.cancel();
    return response.status;
  } catch (cause) {
    throw new ResedgeError('unavailable', networkReason(cause), { cause });
  }
}

/** `fetch` takes no user in an address: it becomes a header (RFC 7617). */
function withoutUser(
  { url, user, password }: Address,
  headers: Headers,
): { readonly target: URL; readonly sent: Headers } {
  const target = new URL(url);
  const sent = new Headers(headers);
  sent.set('content-type', 'application/json');
  if (user !== '' || password !== '') {
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    if (!sent.has('authorization')) sent.set('authorization', `Basic ${credentials}`);
    target.username = '';
    target.password = '';
  }
  return { target, sent };
}
