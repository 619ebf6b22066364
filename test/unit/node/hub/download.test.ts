import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { download } from '../../../../src/node/hub/download.ts';
import { openAgent } from '../../../../src/node/hub/request.ts';
import type { Check, RemoteFile } from '../../../../src/node/hub/types.ts';
import { mulberry32 } from '../../../../src/tensor/random.ts';
import { folderWith } from '../folder.ts';
import { type Answer, file, inTurn, serve, status } from './server.ts';

const random = mulberry32(7);
const BYTES = Uint8Array.from({ length: 300_000 }, () => random() * 256);
const OTHER = Uint8Array.from({ length: 300_000 }, () => random() * 256);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const STATED: Check = { kind: 'sha256', hex: SHA256 };

/** Pulls `w.bin` from a server that answers so. */
async function pulling(answer: Answer, given: Partial<RemoteFile> = {}, folder = folderWith()) {
  const { url, asked } = await serve(answer);
  const dispatcher: Dispatcher = openAgent();
  onTestFinished(() => dispatcher.destroy());
  const remote: RemoteFile = { name: 'w.bin', url: new URL('/w.bin', url), check: STATED, ...given };
  const patience = { firstMs: 1, mostMs: 4 };
  const pulled = download(remote, join(folder, 'w.bin'), { dispatcher, patience });
  return { outcome: await pulled.catch((error: Error) => error), folder, asked, url };
}

const written = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'w.bin')))
    .digest('hex');

test('a file comes whole, under its name, with nothing beside it', async () => {
  const { outcome, folder } = await pulling(file(BYTES));
  expect(outcome).toMatchObject({ bytes: 300_000, sha256: SHA256, kept: false });
  expect(written(folder)).toBe(SHA256);
  expect(readdirSync(folder)).toEqual(['w.bin']);
});

test('cut connections are gone on from, with Range and If-Range', async () => {
  const cut = file(BYTES, { cutAfter: 100_000 });
  const { folder, asked } = await pulling(inTurn(cut, cut, file(BYTES)));
  expect(written(folder)).toBe(SHA256);
  expect(asked.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
    [undefined, undefined],
    ['bytes=100000-', '"one"'],
    ['bytes=200000-', '"one"'],
  ]);
});

test('a pull that ended is gone on from by the next one', async () => {
  const cut = file(BYTES, { cutAfter: 100_000 });
  const { outcome, folder } = await pulling(inTurn(cut, status(404)));
  expect(outcome).toMatchObject({ code: 'input', message: expect.stringMatching(/w\.bin: .*404/) });
  expect(readdirSync(folder).sort()).toEqual(['w.bin.partial', 'w.bin.partial.json']);
  const { asked } = await pulling(file(BYTES), {}, folder);
  expect(asked.map(({ headers }) => headers.range)).toEqual(['bytes=100000-']);
  expect(written(folder)).toBe(SHA256);
  expect(readdirSync(folder)).toEqual(['w.bin']);
});

test('a file that changed meanwhile is pulled from its beginning', async () => {
  const cut = file(OTHER, { cutAfter: 100_000, etag: '"old"' });
  const { folder } = await pulling(inTurn(cut, file(BYTES)), { check: { kind: 'none' } });
  expect(written(folder)).toBe(SHA256);
});

test('a beginning that belongs to another file is found out by the hash, and left', async () => {
  const folder = folderWith({
    'w.bin.partial': OTHER.subarray(0, 1000),
    'w.bin.partial.json': '{"validator":"\\"one\\""}',
  });
  const { asked } = await pulling(file(BYTES), {}, folder);
  expect(asked.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
  expect(written(folder)).toBe(SHA256);
});

test('a wrong hash leaves nothing and says both', async () => {
  const { outcome, folder } = await pulling(file(OTHER));
  expect(outcome).toMatchObject({ code: 'input', message: expect.stringContaining(`expected SHA-256 ${SHA256}`) });
  expect(readdirSync(folder)).toEqual([]);
});

test('the first digits of a hash are enough to know a file, and to refuse another', async () => {
  const check: Check = { kind: 'sha256', hex: SHA256.slice(0, 8) };
  expect((await pulling(file(BYTES), { check })).outcome).toMatchObject({ sha256: SHA256 });
  expect((await pulling(file(OTHER), { check })).outcome).toMatchObject({ code: 'input' });
});

test("Git's name of a file is checked, over a cut too", async () => {
  const hex = createHash('sha1').update(`blob ${BYTES.length}\0`).update(BYTES).digest('hex');
  const given = { check: { kind: 'git', hex }, bytes: BYTES.length } as const;
  const { folder } = await pulling(inTurn(file(BYTES, { cutAfter: 5000 }), file(BYTES)), given);
  expect(written(folder)).toBe(SHA256);
  expect((await pulling(file(OTHER), given)).outcome).toMatchObject({ message: expect.stringContaining('Git object') });
});

test('a length that is not what the hub states is refused before the first byte', async () => {
  const { outcome, folder } = await pulling(file(BYTES), { bytes: 300_001 });
  expect(outcome).toMatchObject({ message: expect.stringMatching(/expected 300001 bytes as the hub states.*300000/) });
  expect(readdirSync(folder)).toEqual([]);
});

test('a server that promises more than it sends is asked again, and then left', async () => {
  const { outcome, folder, asked } = await pulling(file(BYTES, { missing: 1000 }));
  expect(outcome).toMatchObject({
    code: 'io',
    message: expect.stringMatching(/bytes are kept, the same command goes on/),
  });
  expect(asked.length).toBeLessThan(15);
  expect(readdirSync(folder)).not.toContain('w.bin');
});

test('a server that sends less than the file, as if that were all, gives no file', async () => {
  const { outcome, folder } = await pulling(file(BYTES.subarray(0, 1000)));
  expect(outcome).toMatchObject({ code: 'input' });
  expect(readdirSync(folder)).toEqual([]);
});

test('more than 2 GiB is refused by name', async () => {
  const { outcome } = await pulling(file(BYTES, { headers: { 'content-length': String(2 ** 31) } }));
  expect(outcome).toMatchObject({ code: 'limit', message: expect.stringContaining('below 2 GiB') });
});

test('an encoded answer is refused', async () => {
  const { outcome } = await pulling(file(BYTES, { headers: { 'content-encoding': 'gzip' } }));
  expect(outcome).toMatchObject({ code: 'input', message: expect.stringContaining('gzip') });
});

test('429 and 5xx are asked again, as late as the server wants', async () => {
  const started = performance.now();
  const answers = inTurn(status(429, { 'retry-after': '1' }), status(503), status(500), file(BYTES));
  const { folder, asked } = await pulling(answers);
  expect(written(folder)).toBe(SHA256);
  expect(asked).toHaveLength(4);
  expect(performance.now() - started).toBeGreaterThan(990);
});

test('a server that asks for a long wait is left, and one that is never ready too', async () => {
  const long = await pulling(status(429, { 'retry-after': '3600' }));
  expect(long.outcome).toMatchObject({ code: 'io', message: expect.stringContaining('asks to wait 3600 seconds') });
  const never = await pulling(status(503));
  expect(never.outcome).toMatchObject({ code: 'io', message: expect.stringContaining('503 (6 tries)') });
  expect(readdirSync(never.folder)).toEqual([]);
});

test('the token goes to its own origin and no other, and is never shown', async () => {
  const elsewhere = await serve(file(BYTES));
  const redirect = status(302, { location: `${elsewhere.url}/blob?signature=secret` });
  const { outcome, asked } = await pulling(redirect, { authorization: 'Bearer hidden' });
  expect(outcome).toMatchObject({ sha256: SHA256 });
  expect(asked[0]?.headers.authorization).toBe('Bearer hidden');
  expect(elsewhere.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  const { outcome: refused } = await pulling(status(401), { authorization: 'Bearer hidden' });
  expect(String(refused)).toMatch(/set HF_TOKEN/);
  expect(String(refused)).not.toContain('hidden');
});

test('the hash on the way to a large file is believed where nothing else is stated', async () => {
  const linked = { location: '/blob', 'x-linked-etag': `"${SHA256}"`, 'x-linked-size': '300000' };
  const answers = (bytes: Uint8Array): Answer => inTurn(status(302, linked), file(bytes));
  const right = await pulling(answers(BYTES), { check: { kind: 'none' } });
  expect(right.outcome).toMatchObject({ check: { kind: 'sha256', hex: SHA256 } });
  const wrong = await pulling(answers(OTHER), { check: { kind: 'none' } });
  expect(wrong.outcome).toMatchObject({ code: 'input' });
});

test('redirects without end or without aim are refused', async () => {
  expect((await pulling(status(302, { location: '/w.bin' }))).outcome).toMatchObject({
    message: expect.stringContaining('more than 5 times'),
  });
  for (const headers of [{}, { location: 'ftp://127.0.0.1/w.bin' }, { location: 'http://[' }]) {
    expect((await pulling(status(302, headers as Record<string, string>))).outcome).toMatchObject({ code: 'input' });
  }
});

test('no network, and a closed port, are one line', async () => {
  const folder = folderWith();
  const dispatcher = new Agent();
  onTestFinished(() => dispatcher.destroy());
  const remote = { name: 'w.bin', url: new URL('http://127.0.0.1:1/w.bin'), check: STATED };
  const pulled = download(remote, join(folder, 'w.bin'), { dispatcher, patience: { firstMs: 1, mostMs: 4 } });
  await expect(pulled).rejects.toMatchObject({
    code: 'io',
    message:
      'http://127.0.0.1:1/w.bin: the connection was refused: check the network, and HTTPS_PROXY where it needs a proxy',
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a file that another process pulls is left alone; what an ended process left is taken over', async () => {
  const folder = folderWith({ 'w.bin.lock': String(process.ppid) });
  const { outcome } = await pulling(file(BYTES), {}, folder);
  expect(outcome).toMatchObject({ message: expect.stringContaining(`process ${process.ppid} is pulling it`) });
  writeFileSync(join(folder, 'w.bin.lock'), String(2 ** 30));
  await pulling(file(BYTES), {}, folder);
  expect(readdirSync(folder)).toEqual(['w.bin']);
});
