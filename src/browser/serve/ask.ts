import type { Guess } from '../../runtime/answer.ts';
import type { LiveChoice, ProviderWish, Served } from '../../runtime/served.ts';

/** What the server says of a picture. */
export type PictureAnswer = {
  readonly answer: string;
  readonly top: readonly Guess[];
  readonly ms: { readonly decode: number; readonly prepare: number; readonly infer: number };
  readonly provider: string;
};

/** Longest time that an answer may take. */
const LIMIT_MS = 60_000;

/** Asks the server. Throws an error whose message is its line. */
async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => undefined);
  if (response === undefined) throw new Error('expected an answer of the server, none came: is it still running?');
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Error(body.error ?? `expected an answer of the server, it says ${response.status}`);
}

export function askServed(): Promise<Served> {
  return ask('v1/models');
}

export function askPicture(picture: Blob, model: string, provider: ProviderWish): Promise<PictureAnswer> {
  const query = new URLSearchParams({ model, provider });
  const headers = { 'Content-Type': picture.type || 'application/octet-stream' };
  return ask(`v1/classify?${query}`, { method: 'POST', body: picture, headers });
}

export async function askLive(choice: LiveChoice): Promise<void> {
  await ask('v1/live', {
    method: 'POST',
    body: JSON.stringify(choice),
    headers: { 'Content-Type': 'application/json' },
  });
}
