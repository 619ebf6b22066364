import type { FastifyReply } from 'fastify';
import { ResedgeError } from '../../errors.ts';
import type { Live } from './live.ts';

const MAX_VIEWERS = 16;

/** A silent line tells a connection that is gone from one that has nothing to say. */
const BEAT_MS = 15_000;

/** Ends the streams that are under way. */
export type Streams = { readonly stream: (reply: FastifyReply, live: Live) => void; readonly end: () => void };

/** Streams of events, each as slow as its reader: what a reader has no room for is left out. */
export function createStreams(): Streams {
  const open = new Set<() => void>();
  return {
    stream: (reply, live) => {
      if (open.size >= MAX_VIEWERS)
        throw new ResedgeError(
          'unavailable',
          `expected at most ${MAX_VIEWERS} pages that watch, there are as many: close one`,
        );
      const { raw } = reply.hijack();
      raw.writeHead(200, { ...headersOf(reply), 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      const send = (event: string, data: unknown): void =>
        void raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      const beat = setInterval(() => raw.write(':\n\n'), BEAT_MS);
      const leave = live.join({
        ready: () => !raw.writableNeedDrain,
        state: (state) => send('state', state),
        update: (update) => send('answer', update),
      });
      const end = (): void => void raw.end();
      open.add(end);
      raw.once('close', () => {
        clearInterval(beat);
        open.delete(end);
        leave();
      });
    },
    end: () => {
      for (const end of open) end();
    },
  };
}

function headersOf(reply: FastifyReply): Record<string, string | string[]> {
  const entries = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]));
}
