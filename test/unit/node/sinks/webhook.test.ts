import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../../src/node/sinks/address.ts';
import { readHeaders } from '../../../../src/node/sinks/headers.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';
import { openWebhook } from '../../../../src/node/sinks/webhook.ts';
import { event, quick, until } from './events.ts';

type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const status =
  (code: number, headers = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('thanks');
const hang: Answer = () => undefined;
const cut: Answer = (_, request) => void request.socket.destroy();
const cutInTheMiddle: Answer = (response, request) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half', () => request.socket.destroy());
};

/** A server that gives these answers in turn, then 204; and a webhook that posts to it. */
async function post(
  answers: readonly Answer[],
  { user = '', header = undefined as string | undefined, limitMs = 5000 } = {},
) {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const answer = answers[requests.length] ?? status(204);
    requests.push({ method, url, headers, body });
    answer(response, request);
  });
  const { port, close } = await listening(server);
  onTestFinished(close);
  const address = parseAddress(`http://${user}127.0.0.1:${port}/hooks/s3cret?key=s3cret`, '--webhook', ['http']);
  const options = quick();
  const queue = queued(openWebhook({ address, headers: readHeaders(header), limitMs }), options);
  onTestFinished(async () => void (await queue.close(0)));
  const delivered = (): readonly number[] => requests.map(({ body }) => JSON.parse(body).frame);
  return { queue, requests, delivered, notes: options.notes, shown: `http://127.0.0.1:${port}` };
}

test('posts each event as JSON to the address as it was given', async () => {
  const { queue, requests } = await post([], { header: 'X-Token: s3cret' });
  queue.push(event(1));
  queue.push(event(2));
  expect(await queue.close(5000)).toMatchObject({ delivered: 2, retried: 0 });
  expect(requests.map(({ body }) => JSON.parse(body))).toEqual([event(1), event(2)]);
  const expected = { 'content-type': 'application/json', 'x-token': 's3cret' };
  expect(requests[0]).toMatchObject({ method: 'POST', url: '/hooks/s3cret?key=s3cret', headers: expected });
});

test('tries again after server errors, cuts and silence, in order', async () => {
  const failing = [status(500), status(503), status(429), status(408), cut, hang, status(502)];
  const { queue, delivered, notes, shown } = await post(failing, { limitMs: 200 });
  for (const i of [1, 2, 3]) queue.push(event(i));
  await until(() => queue.counts().delivered === 3);
  expect(delivered()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 3]);
  expect(queue.counts()).toMatchObject({ retried: 7, refused: 0, dropped: 0 });
  expect(notes).toEqual([
    `${shown}: expected status 200, the server answered 500; events are kept, up to 100, and tried again`,
    `${shown}: works again`,
  ]);
});

test.each([[400], [401], [404], [413], [301], [302]])('%i refuses an event, and the next one follows', async (code) => {
  const { queue, delivered, notes, shown } = await post([status(code, { location: '/elsewhere' })]);
  queue.push(event(1));
  queue.push(event(2));
  expect(await queue.close(5000)).toMatchObject({ delivered: 1, refused: 1, retried: 0 });
  expect(delivered()).toEqual([1, 2]);
  expect(notes).toEqual([`${shown}: expected status 200, the server answered ${code}; the event is left out`]);
});

test('the answer counts, not what follows it', async () => {
  const { queue, delivered } = await post([cutInTheMiddle]);
  queue.push(event(1));
  queue.push(event(2));
  expect(await queue.close(5000)).toMatchObject({ delivered: 2, retried: 0 });
  expect(delivered()).toEqual([1, 2]);
});

test('closing gives up a request that hangs', async () => {
  const { queue } = await post([hang], { limitMs: 60_000 });
  queue.push(event(1));
  expect(await queue.close(50)).toMatchObject({ delivered: 0, dropped: 1 });
});

test('a user in the address becomes a header, and nothing secret is shown', async () => {
  const { queue, requests, notes } = await post([status(500), status(401)], { user: 'us%40er:s3cret@' });
  queue.push(event(1));
  await until(() => queue.counts().refused === 1);
  expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa('us@er:s3cret')}`);
  expect(notes).toHaveLength(2);
  expect([queue.name, ...notes].join('\n')).not.toMatch(/s3cret|us@er|us%40er/);
});

test('nobody there', async () => {
  const { port, close } = await listening(createServer());
  close();
  const address = parseAddress(`http://user:s3cret@127.0.0.1:${port}/`, '--webhook', ['http']);
  const options = quick();
  const queue = queued(openWebhook({ address, headers: new Headers(), limitMs: 1000 }), options);
  queue.push(event(1));
  await until(() => queue.counts().retried > 0);
  await queue.close(0);
  expect(options.notes).toEqual([
    `http://127.0.0.1:${port}: the connection was refused; events are kept, up to 100, and tried again`,
  ]);
});

async function listening(server: Server): Promise<{ readonly port: number; readonly close: () => void }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}
