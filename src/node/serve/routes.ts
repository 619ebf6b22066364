import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ResedgeError } from '../../errors.ts';
import type { Served } from '../../runtime/served.ts';
import type { Asset } from './assets.ts';
import { liveChoiceOf } from './choose-live.ts';
import { classifyUpload } from './classify-upload.ts';
import type { Gate } from './gate.ts';
import type { Live } from './live.ts';
import type { Metrics } from './metrics.ts';
import type { ModelPool } from './models.ts';
import type { Streams } from './stream-live.ts';

export type RouteParts = {
  readonly pool: ModelPool;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly streams: Streams;
  readonly live: { readonly name: string; readonly live: Live } | undefined;
  readonly maxBytes: number;
};

/** Most bytes of a choice of models. */
const MAX_CHOICE_BYTES = 4096;

/** What the server answers, beside refusals. */
export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { pool, gate, metrics, assets, streams, live, maxBytes } = parts;
  for (const [path, { type, body }] of assets) app.get(path, (_, reply) => reply.type(type).send(body));
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_, reply) => reply.type(metrics.type).send(await metrics.text()));
  app.get('/v1/models', async (): Promise<Served> => {
    return { models: pool.models, camera: live?.name ?? null, device: pool.device };
  });

  const camera = (): Live => {
    if (live !== undefined) return live.live;
    throw new ResedgeError('usage', 'expected a camera, the server has none: start it with --camera <source>');
  };
  app.get('/v1/live', { exposeHeadRoute: false }, async (_, reply) => streams.stream(reply, camera()));
  app.post('/v1/live', { bodyLimit: MAX_CHOICE_BYTES }, async ({ body }: FastifyRequest) => {
    const choice = liveChoiceOf(body, camera().state().choice, pool.models);
    camera().choose(choice);
    return choice;
  });

  // A place is taken before the body is read: what there is no room for is never held.
  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const length = Number(request.headers['content-length'] ?? maxBytes);
    const seat = gate.enter(Math.min(length, maxBytes));
    if (seat === undefined)
      throw new ResedgeError('unavailable', 'expected room for a picture, there is too much to do: try again');
    request.seat = seat;
    reply.raw.once('close', seat.leave);
  };
  app.post<{ Querystring: Record<string, string> }>(
    '/v1/classify',
    { bodyLimit: maxBytes, onRequest: take },
    (request) => classifyUpload(request, { pool, seat: request.seat, metrics }),
  );
}
