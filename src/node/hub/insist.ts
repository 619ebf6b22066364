import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ResedgeError } from '../../errors.ts';
import { delays } from '../sinks/delay.ts';

/** A try that may go better another time. */
export type Again = {
  readonly kind: 'again';
  readonly reason: string;
  /** What the server asks for. */
  readonly afterMs?: number;
  /** True where the try brought something, or changed what the next one asks for. */
  readonly progress: boolean;
};

export type Tried<T> = { readonly kind: 'done'; readonly value: T } | Again;

/** Waits between tries that brought nothing; doubled each time. */
export type Patience = { readonly firstMs: number; readonly mostMs: number };

export const PATIENCE: Patience = { firstMs: 500, mostMs: 16_000 };

/** Tries in a row that bring nothing. */
const MAX_VAIN = 6;
/** Tries altogether: a server that sends a byte a connection is left. */
const MAX_TRIES = 200;
/** The longest wait that a server may ask for. */
const MAX_WAIT_MS = 120_000;

/** Repeats `attempt` until it is done. Throws `io` with the last reason and `left` once it has been in vain too often. */
export async function insist<T>(
  attempt: () => Promise<Tried<T>>,
  { left, patience }: { readonly left: () => string; readonly patience: Patience },
): Promise<T> {
  const waits = delays({ ...patience, seed: process.pid });
  let vain = 0;
  for (let tries = 1; ; tries++) {
    const tried = await attempt();
    if (tried.kind === 'done') return tried.value;
    if (tried.progress) {
      vain = 0;
      waits.reset();
    } else vain += 1;
    const { reason, afterMs } = tried;
    if (vain >= MAX_VAIN || tries >= MAX_TRIES) {
      throw new ResedgeError('io', `${reason} (${tries} tries)${left()}`);
    }
    if (afterMs !== undefined && afterMs > MAX_WAIT_MS) {
      throw new ResedgeError('io', `${reason}, and asks to wait ${Math.ceil(afterMs / 1000)} seconds${left()}`);
    }
    await wait(afterMs ?? waits.next());
  }
}

/** Milliseconds that a server asks to wait, from `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). */
export function retryAfterMs({ 'retry-after': text }: IncomingHttpHeaders, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
