import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundledModels } from '../node/models.ts';
import { contents, json, PICTURES, refuse } from '../node/resedge.ts';
import { type Answer, askServer, type Serving, serving } from '../node/serving.ts';

const models = bundledModels();
const JPEG = { 'Content-Type': 'image/jpeg' };
const MB = 2 ** 20;

let server: Serving;
let cat: Buffer;
const folder = mkdtempSync(join(tmpdir(), 'resedge-serve-'));
const temporary = join(folder, 'temporary');
const catFile = join(folder, 'cat.jpg');

beforeAll(async () => {
  mkdirSync(temporary);
  const file = await sharp(join(PICTURES, 'cat.svg')).resize(400, 300, { fit: 'cover' }).jpeg().toFile(catFile);
  expect(file.width).toBe(400);
  cat = readFileSync(catFile);
  const args = ['--model', models.int8, '--model', models.fp32, '--camera', 'test', '--max-upload', '1'];
  server = await serving(args, { TMPDIR: temporary });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expect(contents(temporary)).toEqual([]);
  rmSync(folder, { recursive: true });
});

const post = (path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = JPEG): Promise<Answer> =>
  server.ask(path, { method: 'POST', body, headers });
const errorOf = ({ body }: Answer): string => JSON.parse(body).error;

/** A grey PNG of 1 bit a pixel, which is small in the file however large it is. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = deflateSync(new Uint8Array(side * (1 + Math.ceil(side / 8))));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', new Uint8Array())]);
}

/** Sends a request as it is written, and returns what comes until the server ends or goes silent. */
function raw(address: string, pieces: readonly (string | Uint8Array)[], end: 'wait' | 'destroy'): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  return new Promise((resolve) => {
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
    for (const piece of pieces) socket.write(piece);
    if (end === 'destroy') setTimeout(() => socket.destroy(), 100);
  });
}

describe('the server', () => {
  test('says where it is, and that it is well', async () => {
    expect(server.stdout).toMatch(
      /^ {2}page {4}http:\/\/127\.0\.0\.1:\d+\/\n {2}models {2}int8, fp32\n {2}camera {2}test\n$/,
    );
    expect(await server.ask('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(server.stderr()).toBe('');
  });

  test('has a page, whose code is its own alone', async () => {
    const { status, headers, body } = await server.ask('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const parts = [...body.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, path]) => path);
    expect(parts).toEqual(['style.css', 'page.js']);
    for (const path of parts) expect(await server.ask(`/${path}`)).toMatchObject({ status: 200 });
    expect(body).not.toMatch(/<style|style=|<script>| on[a-z]+=/);
  });

  test('tells what its models are', async () => {
    const { body } = await server.ask('/v1/models');
    const served = JSON.parse(body);
    expect(served.camera).toBe('test');
    expect(
      served.models.map(({ name, metadata }: { name: string; metadata: { precision: string } }) => [
        name,
        metadata.precision,
      ]),
    ).toEqual([
      ['int8', 'int8'],
      ['fp32', 'fp32'],
    ]);
  });

  test('counts what it does', async () => {
    await server.ask('/nowhere');
    const { headers, body } = await server.ask('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toMatch(/^resedge_requests_total\{route="none",status="404"\} \d+$/m);
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  });
});

describe('a picture', () => {
  test('is answered as by classify --json', async () => {
    const {
      image: _,
      ms,
      ...expected
    } = (await json(['classify', catFile, '--model', models.int8])) as Record<string, unknown>;
    const { status, body } = await post('/v1/classify', cat);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      image: 'upload',
      ...expected,
      ms: expect.objectContaining({ infer: expect.any(Number) }),
    });
    expect(ms).toHaveProperty('infer');
  });

  test('is answered by the model, on the provider and as the query asks', async () => {
    const { body } = await post('/v1/classify?model=fp32&provider=wasm&top=2&threshold=1&name=mine', cat);
    const answer = JSON.parse(body);
    expect(answer).toMatchObject({ image: 'mine', answer: 'unknown', provider: 'wasm' });
    expect(answer.top).toHaveLength(2);
  });

  test.each<readonly [string, () => Uint8Array, number, RegExp]>([
    ['cut off', () => cat.subarray(0, cat.length / 2), 422, /damaged picture/],
    ['empty', () => new Uint8Array(), 422, /there is none/],
    ['no picture', () => Buffer.from('hello there, this is text'), 422, /expected a JPEG, PNG, WebP, AVIF or GIF/],
    ['a drawing that may refer to files', () => readFileSync(join(PICTURES, 'cat.svg')), 422, /this is something else/],
    ['a PNG that is small in the file alone', () => bomb(9000), 413, /at most 67108864 pixels, it has 81000000/],
    ['larger than allowed', () => new Uint8Array(MB + 1), 413, /at most 1048576 bytes/],
  ])('that is %s is refused in a line', async (_, body, status, says) => {
    const answer = await post('/v1/classify', body());
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatch(says);
  });

  test.each<readonly [string, string, Readonly<Record<string, string>>, number, RegExp]>([
    ['as a form', '', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, /Content-Type, as image\/jpeg/],
    ['as JSON', '', { 'Content-Type': 'application/json' }, 400, /expected JSON/],
    ['for an unknown model', '?model=../int8', JPEG, 400, /expected a model of int8, fp32/],
    ['for an unknown provider', '?provider=abacus', JPEG, 400, /expected a provider of auto, cpu/],
    ['for what the query cannot hold', '?modle=int8', JPEG, 400, /expected a query of model, .*received modle/],
    ['for no class', '?top=0', JPEG, 400, /whole number from 1/],
    ['for a threshold above one', '?threshold=2', JPEG, 400, /number from 0 to 1/],
  ])('%s is refused in a line', async (_, query, headers, status, says) => {
    const answer = await post(`/v1/classify${query}`, cat, headers);
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatch(says);
  });

  test('that breaks off on the way harms nobody', async () => {
    const head =
      'POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n';
    for (let i = 0; i < 3; i++) await raw(server.address, [head, cat.subarray(0, 1000)], 'destroy');
    expect(await post('/v1/classify', cat)).toMatchObject({ status: 200 });
  });
});

describe('strangers', () => {
  test.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/page.js/../../../package.json',
    '//etc/passwd',
    '/style.css%00.html',
    '/index.html',
  ])('%s is no path of it', async (path) => {
    const answer = await server.ask(path);
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatch(/^expected a path of this server, received GET /);
  });

  test.each([
    ['GET', '/v1/classify?top=1', 'POST'],
    ['DELETE', '/v1/live', 'GET, POST'],
    ['HEAD', '/v1/live', 'GET, POST'],
    ['POST', '/', 'GET, HEAD'],
    ['OPTIONS', '/healthz', 'GET, HEAD'],
  ])('%s %s is told the methods of the path', async (method, path, allowed) => {
    const answer = await server.ask(path, { method });
    expect(answer).toMatchObject({ status: 405, headers: { allow: allowed } });
    if (method !== 'HEAD')
      expect(errorOf(answer)).toMatch(/^expected (GET|POST)( or \w+)? for \/\S*, received [A-Z]+$/);
  });

  test('what goes to no path of it is not read', async () => {
    const answer = await post('/nowhere', new Uint8Array(2 * MB), { 'Content-Type': 'application/json' });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatch(/received POST \/nowhere: the page is at \/$/);
  });

  test('a path that cannot be decoded is refused', async () => {
    expect(await server.ask('/%zz')).toMatchObject({
      status: 400,
      body: '{"error":"expected a path, it cannot be decoded"}',
    });
  });

  test('a page of another site, also under a name that leads here, gets nothing', async () => {
    expect(await server.ask('/v1/models', { headers: { Host: 'evil.example' } })).toMatchObject({ status: 421 });
    expect(await server.ask('/nowhere', { headers: { Host: 'evil.example' } })).toMatchObject({ status: 421 });
    const headers = { ...JPEG, Origin: 'http://evil.example' };
    expect(await post('/v1/classify', cat, headers)).toMatchObject({ status: 403 });
  });

  test('get nothing where there is no HTTP', async () => {
    expect(await raw(server.address, ['nonsense\r\n\r\n'], 'wait')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the camera', () => {
  /** Reads events until one is as wanted. */
  async function event(wanted: (name: string, data: Record<string, never>) => boolean): Promise<Record<string, never>> {
    const response = await fetch(new URL('/v1/live', server.address));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
      text += chunk;
      const whole = text.split('\n\n');
      text = whole.pop() ?? '';
      for (const one of whole) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(one) ?? [];
        if (name !== undefined && wanted(name, JSON.parse(data!))) return JSON.parse(data!);
      }
    }
    throw new Error('expected more events');
  }

  test('is shown with its answers', async () => {
    const { answer, picture, latencies } = await event((name) => name === 'answer');
    expect(answer).toMatchObject({
      provider: 'cpu',
      top: expect.arrayContaining([
        { label: expect.any(String), index: expect.any(Number), probability: expect.any(Number) },
      ]),
    });
    expect(latencies).not.toEqual([]);
    const jpeg = Buffer.from(String(picture).replace('data:image/jpeg;base64,', ''), 'base64');
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 480 });
  });

  test('is answered by another model, with a second one beside it', async () => {
    const body = Buffer.from(JSON.stringify({ model: 'fp32', provider: 'cpu', compare: 'int8' }));
    const answer = await post('/v1/live', body, { 'Content-Type': 'application/json' });
    expect(answer).toMatchObject({ status: 200, body: '{"model":"fp32","provider":"cpu","compare":"int8"}' });
    const { compared } = await event((name, { compared: beside }) => name === 'answer' && beside !== null);
    expect(compared).toMatchObject({ provider: 'cpu' });
  });

  test.each([
    ['{"model":"other"}', /expected a model of int8, fp32/],
    ['{"provider":"coreml"}', /expected a provider of cpu, wasm for/],
    ['[]', /expected \{"model", "provider", "compare"\}/],
    ['{', /expected JSON/],
  ])('%s is no choice', async (text, says) => {
    const answer = await post('/v1/live', Buffer.from(text), { 'Content-Type': 'application/json' });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatch(says);
  });
});

describe('a server for others', () => {
  test('wants the token that it printed, and has its own certificate', async () => {
    const guarded = await serving(['--model', models.int8, '--host', '0.0.0.0', '--tls']);
    const token = /\?token=([\w-]{22})$/m.exec(guarded.stdout)?.[1] ?? '';
    expect(guarded.address).toMatch(/^https:\/\/localhost:\d+\/\?token=/);
    expect(guarded.stdout).toMatch(/^ {2}certificate {2}SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/m);
    expect(await guarded.ask('/healthz')).toMatchObject({ status: 200 });
    expect(await guarded.ask('/')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="resedge"' },
    });
    const { status, headers } = await guarded.ask(`/?token=${token}`);
    expect(status).toBe(200);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const body = cat;
    const asked = { method: 'POST', body } as const;
    expect(await guarded.ask('/v1/classify', { ...asked, headers: JPEG })).toMatchObject({ status: 401 });
    for (const proof of [{ Cookie: cookie.split(';')[0]! }, { Authorization: `Bearer ${token}` }])
      expect(await guarded.ask('/v1/classify', { ...asked, headers: { ...JPEG, ...proof } })).toMatchObject({
        status: 200,
      });
    for (const path of ['//healthz', '/healthz/../v1/models', 'http://x/v1/models'])
      expect(await guarded.ask(path)).toMatchObject({ status: 401 });
    expect(await guarded.ask('/v1/live', { headers: { Authorization: `Bearer ${token}` } })).toMatchObject({
      status: 400,
    });
    expect(await guarded.stop()).toBe(0);
    expect(guarded.stderr()).toBe('');
  });

  test('says what goes over the network in the clear, and keeps a token that it was given to itself', async () => {
    const token = 'given-by-the-environment';
    const open = await serving(['--model', models.int8, '--host', '0.0.0.0'], { RESEDGE_TOKEN: token });
    expect(await open.ask('/', { headers: { Authorization: `Bearer ${token}` } })).toMatchObject({ status: 200 });
    expect(await open.stop()).toBe(0);
    expect(open.stderr()).toMatch(/^resedge: others on the network can read .*: add --tls\n$/);
    expect(open.stdout + open.stderr()).not.toContain(token);
  });
});

describe('a server with much to do', () => {
  test('tells who it has no room for to come again, and answers the others', async () => {
    const busy = await serving(['--model', models.int8, '--queue', '0']);
    const asked = { method: 'POST', body: cat, headers: JPEG } as const;
    const answers = await Promise.all(Array.from({ length: 32 }, () => busy.ask('/v1/classify', asked)));
    const turnedAway = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200).length).toBe(32 - turnedAway.length);
    expect(turnedAway.length).toBeGreaterThan(0);
    expect(turnedAway.length).toBeLessThan(32);
    for (const { headers, body } of turnedAway) {
      expect(headers['retry-after']).toBe('1');
      expect(JSON.parse(body).error).toMatch(/too much to do: try again$/);
    }
    expect(await busy.stop()).toBe(0);
  });

  test('that is told to stop finishes what is under way', async () => {
    const ending = await serving(['--model', models.int8]);
    const head = `POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\nContent-Length: ${cat.length}\r\n\r\n`;
    const { hostname, port } = new URL(ending.address);
    const socket = connect(Number(port), hostname);
    let text = '';
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write(head);
    socket.write(cat.subarray(0, 1000));
    await ending.ask('/healthz');
    const stopped = ending.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(askServer(new URL(ending.address), '/healthz')).rejects.toThrow('ECONNREFUSED');
    socket.write(cat.subarray(1000));
    expect(await stopped).toBe(0);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('"answer":"cat"');
    expect(ending.stderr()).toBe('');
  });
});

describe('what cannot be served is said in a line', () => {
  test('a port that is taken', async () => {
    const { port } = new URL(server.address);
    await refuse(['serve', '--model', models.int8, '--port', port], {
      code: 1,
      says: /port \d+ is taken: name another with --port/,
    });
  });

  test.each<readonly [string, (model: string) => readonly string[], 1 | 2, RegExp]>([
    [
      'a model that is not there',
      () => ['--model', 'gone.onnx'],
      1,
      /gone\.onnx: expected an ONNX model, no such file/,
    ],
    ['a model twice', (model) => ['--model', model, '--model', model], 2, /expected models of different names/],
    [
      'a camera that is not there',
      (model) => ['--model', model, '--camera', '/dev/video99'],
      1,
      /\/dev\/video99: expected a camera/,
    ],
    ['raw frames', (model) => ['--model', model, '--camera', '-'], 2, /received - for stdin/],
    [
      'a certificate without its key',
      (model) => ['--model', model, '--cert', 'a.pem'],
      2,
      /belong together, one is missing/,
    ],
    [
      'a certificate that is none',
      (model) => ['--model', model, '--cert', catFile, '--key', catFile],
      1,
      /expected a certificate and its private key as PEM/,
    ],
    [
      'a token that is guessed',
      (model) => ['--model', model, '--token', 'hunter2'],
      2,
      /^(?!.*hunter2).*expected 16 to 200 letters/,
    ],
    [
      'an address of another machine',
      (model) => ['--model', model, '--host', '192.0.2.1', '--port', '0'],
      1,
      /this machine has no such address/,
    ],
  ])('%s', async (_, args, code, says) => {
    await refuse(['serve', ...args(models.int8)], { code, says });
  });
});
