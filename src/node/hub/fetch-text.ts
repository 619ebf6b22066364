import type { Dispatcher } from 'undici';
import { ResedgeError } from '../../errors.ts';
import { insist, type Patience } from './insist.ts';
import { answerRefused, connectionFailed } from './refusal.ts';
import { type Answer, drop, get } from './request.ts';

/** A description of a repository; those of ten thousand files stay below. */
const MAX_TEXT_BYTES = 8 * 2 ** 20;

/** The text at an address, which errors call `shown`. Throws `io` where the network fails, `input` for a refusal, `limit` above 8 MiB. */
export async function fetchText(
  shown: string,
  url: URL,
  { authorization, dispatcher, patience }: { authorization?: string; dispatcher: Dispatcher; patience: Patience },
): Promise<string> {
  return await insist<string>(
    async () => {
      try {
        const answer = await get(url, authorization === undefined ? {} : { authorization }, dispatcher);
        if (answer.status === 200) return { kind: 'done', value: await textOf(shown, answer) };
        drop(answer.body);
        return answerRefused(shown, answer);
      } catch (error) {
        return connectionFailed(shown, error, false, false);
      }
    },
    { left: () => '', patience },
  );
}

async function textOf(shown: string, { body }: Answer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw new ResedgeError('limit', `${shown}: expected less than 8 MiB of text`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
