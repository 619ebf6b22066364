import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = { readonly url: string; readonly headers: IncomingMessage['headers'] };
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server on this machine that is gone after the test; `asked` grows with every request. */
export async function serve(answer: Answer): Promise<{ readonly url: string; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    answer(response, request);
  };
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** These answers in turn; the last one from then on. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let next = 0;
  return (response, request) => answers[Math.min(next++, answers.length - 1)]?.(response, request);
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('no');

type Serving = {
  /** The connection is cut after so many bytes. */
  readonly cutAfter?: number;
  /** What is promised beyond the bytes; the connection is cut where they end. */
  readonly missing?: number;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A file, or the part of it that is asked for if the validator still holds. */
export function file(
  bytes: Uint8Array,
  { cutAfter = Number.POSITIVE_INFINITY, missing = 0, etag = '"one"', headers = {} }: Serving = {},
): Answer {
  return (response, request) => {
    const condition = request.headers['if-range'];
    const range = condition === undefined || condition === etag ? request.headers.range : undefined;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': part.length + missing,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      ...headers,
    });
    if (part.length <= cutAfter && missing === 0) response.end(part);
    else response.write(part.subarray(0, cutAfter), () => setTimeout(() => request.socket.destroy(), 20));
  };
}
