import type { FastifyRequest } from 'fastify';
import { PROVIDERS } from '../../device/profile.ts';
import { ResedgeError } from '../../errors.ts';
import { answerOf } from '../../pipeline/classify.ts';
import type { ProviderWish } from '../../runtime/served.ts';
import { classify } from '../model/classify.ts';
import { acceptPicture } from './accept-picture.ts';
import type { Seat } from './gate.ts';
import type { Metrics } from './metrics.ts';
import { type ModelPool, TOP } from './models.ts';

const MAX_TOP = 100_000;
const MAX_NAME = 200;

/** What a query may hold. */
const NAMES: readonly string[] = ['model', 'provider', 'top', 'threshold', 'name'];

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Answers one picture as `resedge classify --json` does. Throws what is wrong with the query or the picture. */
export async function classifyUpload(
  { query, body }: Pick<FastifyRequest<{ Querystring: Query; Body: unknown }>, 'query' | 'body'>,
  { pool, seat, metrics }: { readonly pool: ModelPool; readonly seat: Seat; readonly metrics: Metrics },
): Promise<unknown> {
  const asked = askedOf(query, pool);
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ResedgeError('input', 'expected a picture as the body, there is none');
  return await seat.work(async () => {
    await acceptPicture(body);
    return await pool.use(asked, async (model) => {
      const result = await classify(model, body, asked.top);
      const { top, ms } = result;
      for (const [step, value] of Object.entries(ms)) metrics.step(asked.model, step, value / 1000);
      const answer = answerOf(result, asked.threshold);
      return { image: asked.name, answer, top, ms, provider: model.choice.provider };
    });
  });
}

function askedOf(query: Query, pool: ModelPool) {
  const stranger = Object.keys(query).find((name) => !NAMES.includes(name));
  if (stranger !== undefined)
    throw new ResedgeError('usage', `expected a query of ${NAMES.join(', ')}, received ${stranger.slice(0, MAX_NAME)}`);
  return {
    model: one(query, 'model') ?? pool.models[0]!.name,
    provider: providerOf(one(query, 'provider') ?? 'auto'),
    top: number(query, 'top', TOP, (value) => Number.isInteger(value) && value >= 1 && value <= MAX_TOP),
    threshold: number(query, 'threshold', 0, (value) => value >= 0 && value <= 1),
    name: (one(query, 'name') ?? 'upload').slice(0, MAX_NAME),
  };
}

function one(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' ? value : value?.at(-1);
}

function number(query: Query, name: string, otherwise: number, fits: (value: number) => boolean): number {
  const text = one(query, name);
  if (text === undefined) return otherwise;
  if (text.trim() !== '' && fits(Number(text))) return Number(text);
  const wanted = name === 'top' ? `a whole number from 1 to ${MAX_TOP}` : 'a number from 0 to 1';
  throw new ResedgeError('usage', `expected ${wanted} for ${name}, received ${text.slice(0, MAX_NAME)}`);
}

/** A provider by name, or `auto`. Throws `usage` for anything else. */
export function providerOf(name: unknown): ProviderWish {
  const wishes: readonly ProviderWish[] = ['auto', ...PROVIDERS];
  const found = wishes.find((wish) => wish === name);
  if (found !== undefined) return found;
  throw new ResedgeError(
    'usage',
    `expected a provider of ${wishes.join(', ')}, received ${String(name).slice(0, MAX_NAME)}`,
  );
}
