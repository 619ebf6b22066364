import { describe, expect, test } from 'vitest';
import { type Asking, allower } from '../../../../src/node/serve/allow.ts';

const TOKEN = 'a-token-of-some-length';
const asking = (headers: Asking['headers'], more: Partial<Asking> = {}): Asking => ({
  ...{ method: 'GET', path: '/v1/models', token: undefined },
  headers: { host: '127.0.0.1:8080', ...headers },
  ...more,
});
const open = { names: [], token: undefined, cookie: () => 'resedge-8080' } as const;
const local = allower({ ...open, local: true });
const outward = allower({ ...open, local: false, names: ['camera.example'] });
const guarded = allower({ ...open, local: false, token: TOKEN });

describe('the Host', () => {
  test.each(['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST', '[::1]:8080', '127.0.0.2'])(
    '%s is this machine',
    (host) => {
      expect(local(asking({ host }))).toBeUndefined();
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'user@localhost',
    '127.0.0.1.evil.example',
    '192.168.1.5',
    '[::2]',
    '',
    'localhost:8080/path',
  ])('%s is not', (host) => {
    expect(local(asking({ host }))).toMatchObject({ status: 421, error: expect.stringMatching(/^expected a name of/) });
  });

  test.each(['192.168.1.5:8443', '[fe80::1]', 'camera.example', 'localhost'])('%s is, for others', (host) => {
    expect(outward(asking({ host }))).toBeUndefined();
  });

  test('a name that a stranger made lead here is not', () => {
    expect(outward(asking({ host: 'evil.example' }))).toMatchObject({ status: 421 });
  });
});

describe('the Origin', () => {
  test('is the Host', () => {
    expect(local(asking({ origin: 'http://127.0.0.1:8080' }))).toBeUndefined();
  });

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:9090', 'http://localhost:8080', ''])(
    '%s is foreign',
    (origin) => {
      expect(local(asking({ origin }))).toMatchObject({ status: 403 });
    },
  );

  test('another site may lead a person to the page, and nothing else', () => {
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(local(asking(foreign, { path: '/' }))).toBeUndefined();
    expect(local(asking(foreign, { path: '/v1/models' }))).toMatchObject({ status: 403 });
    expect(local(asking({ ...foreign, 'sec-fetch-mode': 'no-cors' }, { path: '/' }))).toMatchObject({ status: 403 });
    expect(local(asking({ 'sec-fetch-site': 'same-site' }))).toMatchObject({ status: 403 });
    expect(local(asking({ 'sec-fetch-site': 'same-origin' }))).toBeUndefined();
  });
});

describe('the token', () => {
  test('comes in a header, in a cookie, or once in the address of the page', () => {
    expect(guarded(asking({ authorization: `Bearer ${TOKEN}` }))).toBeUndefined();
    expect(guarded(asking({ cookie: `other=1; resedge-8080=${TOKEN}` }))).toBeUndefined();
    expect(guarded(asking({}, { path: '/', token: TOKEN }))).toBeUndefined();
  });

  test('is missing, wrong or in the wrong place', () => {
    const refused = { status: 401, error: expect.stringMatching(/^expected the token/) };
    expect(guarded(asking({}))).toEqual(refused);
    expect(guarded(asking({ authorization: `Bearer ${TOKEN}x` }))).toEqual(refused);
    expect(guarded(asking({ cookie: `resedge-9090=${TOKEN}` }))).toEqual(refused);
    expect(guarded(asking({}, { token: TOKEN }))).toEqual(refused);
  });

  test('is not asked for where nothing is told', () => {
    expect(guarded(asking({}, { path: '/healthz' }))).toBeUndefined();
  });
});
