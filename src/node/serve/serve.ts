import { isIP } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { ResedgeError } from '../../errors.ts';
import type { FrameSource } from '../../pipeline/types.ts';
import type { LiveChoice } from '../../runtime/served.ts';
import { allower } from './allow.ts';
import { readAssets } from './assets.ts';
import type { Certificate } from './certificate.ts';
import { failureOf, RETRY_AFTER } from './fail.ts';
import { createGate, type Seat } from './gate.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { openLive } from './live.ts';
import { createMetrics } from './metrics.ts';
import { openPool } from './models.ts';
import { isLocal, ownAddresses } from './own-names.ts';
import { addRoutes } from './routes.ts';
import { createStreams } from './stream-live.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The place of an upload. */
    seat: Seat;
  }
}

export type ServeOptions = {
  readonly models: readonly string[];
  readonly host: string;
  readonly port: number;
  /** What requests must carry; undefined asks for nothing. */
  readonly token: string | undefined;
  readonly certificate: Certificate | undefined;
  /** Names beside this machine's own that it goes by. */
  readonly names: readonly string[];
  /** An opened camera, which is taken over. */
  readonly camera: { readonly name: string; readonly source: FrameSource } | undefined;
  /** Uploads that may wait for their turn. */
  readonly queue: number;
  readonly maxBytes: number;
  readonly note: (line: string) => void;
};

export type Running = {
  /** Where the page is, for this machine first, then for others. */
  readonly addresses: readonly string[];
  readonly models: readonly string[];
  /** Takes no more requests, finishes those under way, and lets go of the camera and the models. */
  readonly close: () => Promise<void>;
};

/** Uploads worked on at once: one is inferred while others are decoded. */
const WORKING = 4;
/** Most bytes of all uploads at once, where one alone may not have more. */
const MAX_HELD_BYTES = 2 ** 26;
/** A request must have come whole within this time, and be answered within the next. */
const RECEIVE_MS = 20_000;
const ANSWER_MS = 30_000;
const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
const MAX_CONNECTIONS = 512;
/** Those that a path may answer to. */
const METHODS = ['GET', 'HEAD', 'POST'] as const;
/** What is not finished by then is broken off. */
const CLOSE_MS = 10_000;

/** Starts the server. Throws what reading a model throws, and `io` where the port is taken or the host is not this machine's. */
export async function startServer(options: ServeOptions): Promise<Running> {
  const { models, host, camera, queue, maxBytes, note } = options;
  const assets = readAssets();
  const pool = await openPool(models, note);
  const gate = createGate({ working: WORKING, waiting: queue, bytes: Math.max(MAX_HELD_BYTES, maxBytes) });
  const metrics = createMetrics(gate, () => live);
  const first: LiveChoice = { model: pool.models[0]!.name, provider: 'auto', compare: null };
  const answered = (model: string, ms: number): void => metrics.answered(model, ms / 1000);
  const live = camera && openLive({ source: camera.source, pool, first, note, answered });
  const streams = createStreams();
  const app = createApp(options);
  const cookie = (): string => `resedge-${portOf(app)}`;
  guard(app, options, cookie);
  app.addHook('onResponse', async ({ routeOptions }, { statusCode }) => {
    metrics.request(routeOptions.url ?? 'none', statusCode);
  });
  const shownLive = camera && live && { name: camera.name, live };
  addRoutes(app, { pool, gate, metrics, assets, streams, live: shownLive, maxBytes });

  let closing = false;
  app.addHook('onSend', async (_, reply) => {
    // A connection that lives on would keep the server from closing.
    if (closing) void reply.header('Connection', 'close');
  });
  const close = async (): Promise<void> => {
    closing = true;
    const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
    streams.end();
    await app.close();
    clearTimeout(late);
    await live?.close();
    await pool.close();
  };
  try {
    // The first request finds the first model open.
    await pool.use(first, async () => undefined);
    await app.listen({ host, port: options.port });
  } catch (error) {
    await close();
    throw listenError(error, options);
  }
  const addresses = addressesOf(host, portOf(app), options);
  return { addresses, models: pool.models.map(({ name }) => name), close };
}

function createApp({ certificate, maxBytes }: ServeOptions): FastifyInstance {
  const times = { headersTimeout: HEADERS_MS };
  const app = fastify({
    ...(certificate === undefined ? { http: times } : { https: { ...certificate, ...times } }),
    requestTimeout: RECEIVE_MS,
    handlerTimeout: RECEIVE_MS + ANSWER_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    bodyLimit: maxBytes,
    frameworkErrors: (error, _, reply) => {
      const { status, error: line } = failureOf(error, maxBytes);
      void (reply as unknown as FastifyReply).headers(SECURITY_HEADERS).code(status).send({ error: line });
    },
  }) as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;
  app.addContentTypeParser(/^(image\/|application\/octet-stream)/, { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  app.removeContentTypeParser('text/plain');
  return app;
}

/** Turns strangers away, and gives every answer its headers and every failure its line. */
function guard(
  app: FastifyInstance,
  { host, names, token, certificate, maxBytes, note }: ServeOptions,
  cookie: () => string,
): void {
  const refusal = allower({ local: isLocal(host), names, token, cookie });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    // The route that was found, whatever the address looks like.
    const path = request.routeOptions.url;
    const { token: given } = request.query as { readonly token?: unknown };
    const offered = typeof given === 'string' ? given : undefined;
    const refused = refusal({ method: request.method, path, headers: request.headers, token: offered });
    if (refused !== undefined) {
      if (refused.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="resedge"');
      return await reply.code(refused.status).send({ error: refused.error });
    }
    if (request.is404) return await answerNowhere(app, request, reply);
    if (path === '/' && offered !== undefined && token !== undefined) {
      const secure = certificate === undefined ? '' : '; Secure';
      void reply.header('Set-Cookie', `${cookie()}=${token}; Path=/; HttpOnly; SameSite=Strict${secure}`);
    }
  });
  app.setErrorHandler(async (error, _, reply) => {
    const { status, error: line } = failureOf(error, maxBytes);
    if (status >= 500 && status !== 503)
      note(`a request failed: ${error instanceof Error ? error.message : String(error)}`);
    if (status === 503) void reply.header('Retry-After', RETRY_AFTER);
    return await reply.code(status).send({ error: line });
  });
}

/** Answers what no route does, before its body is read: 405 where another method is right, else 404. */
async function answerNowhere(
  app: FastifyInstance,
  { method, url }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const path = url.split('?', 1)[0]!;
  const known = METHODS.filter((one) => app.hasRoute({ method: one, url: path }));
  const wrongMethod = known.length > 0;
  const error = wrongMethod
    ? `expected ${known.join(' or ')} for ${path}, received ${method}`
    : `expected a path of this server, received ${method} ${url.slice(0, 200)}: the page is at /`;
  if (wrongMethod) void reply.header('Allow', known.join(', '));
  await reply.code(wrongMethod ? 405 : 404).send({ error });
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function addressesOf(host: string, port: number, { certificate }: ServeOptions): readonly string[] {
  const scheme = certificate === undefined ? 'http' : 'https';
  const everywhere = host === '0.0.0.0' || host === '::';
  const hosts = everywhere
    ? ['localhost', ...ownAddresses().filter((one) => host === '::' || isIP(one) === 4)]
    : [host];
  return hosts.map((one) => `${scheme}://${isIP(one) === 6 ? `[${one}]` : one}:${port}/`);
}

function listenError(error: unknown, { host, port }: ServeOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const said: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is taken: name another with --port`,
    EADDRNOTAVAIL: 'this machine has no such address: name one of its own, or 0.0.0.0 for all',
    ENOTFOUND: 'this machine has no such address: name one of its own, or 0.0.0.0 for all',
    EACCES: `port ${port} needs more rights: name one above 1023 with --port`,
  };
  const reason = typeof code === 'string' ? said[code] : undefined;
  if (reason === undefined) return error;
  return new ResedgeError('io', `${host}: expected to listen on port ${port}, ${reason}`, { cause: error });
}
