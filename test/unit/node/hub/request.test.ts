import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { generate } from 'selfsigned';
import { Agent } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fetchText } from '../../../../src/node/hub/fetch-text.ts';
import { retryAfterMs } from '../../../../src/node/hub/insist.ts';
import { get, openAgent } from '../../../../src/node/hub/request.ts';
import { hubSettings } from '../../../../src/node/hub/settings.ts';
import { file, serve } from './server.ts';

test('a redirect from https to http is refused', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const server = createTlsServer({ key, cert }, (_, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/w.bin' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  onTestFinished(async () => {
    await agent.destroy();
    server.close();
  });
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/w.bin`);
  await expect(get(url, {}, agent)).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('it leads to http://127.0.0.1:1'),
  });
});

test('requests go through the proxy that the environment names, save to hosts of NO_PROXY', async () => {
  const { url, asked } = await serve(file(new Uint8Array([1, 2, 3])));
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      server.pipe(client).pipe(server);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  onTestFinished(() => void vi.unstubAllEnvs());
  const ask = async (): Promise<number> => {
    const agent = openAgent();
    const { status, body } = await get(new URL('/w.bin', url), {}, agent);
    body.on('error', () => undefined).destroy();
    await agent.destroy();
    return status;
  };
  for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  expect(await ask()).toBe(200);
  expect(tunnels).toEqual([new URL(url).host]);
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  expect(await ask()).toBe(200);
  expect(tunnels).toHaveLength(1);
  expect(asked).toHaveLength(2);
});

test('a proxy that refuses is named, and not asked again', async () => {
  let asked = 0;
  const proxy = createServer().on('connect', (_, client) => {
    asked++;
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTP_PROXY', `http://user:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const dispatcher = openAgent();
  onTestFinished(() => dispatcher.destroy());
  const text = fetchText('hf:a/b', new URL('http://hub.invalid/'), { dispatcher, patience: { firstMs: 1, mostMs: 1 } });
  await expect(text).rejects.toMatchObject({
    code: 'io',
    message: 'hf:a/b: the proxy answered 407: check HTTPS_PROXY, and who may use it',
  });
  expect(asked).toBe(1);
});

test('a proxy that is no address is refused without showing it', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('http_proxy', undefined);
  vi.stubEnv('HTTP_PROXY', 'user:secret@proxy');
  expect(() => openAgent()).toThrow(/HTTPS_PROXY, HTTP_PROXY: expected an address(?!.*secret)/);
});

test('waits are read in seconds and as a date', () => {
  expect(retryAfterMs({ 'retry-after': '7' }, 0)).toBe(7000);
  expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' }, 0)).toBe(60_000);
  expect(retryAfterMs({ 'retry-after': 'soon' }, 0)).toBeUndefined();
  expect(retryAfterMs({}, 0)).toBeUndefined();
});

test('settings come from the environment', () => {
  expect(hubSettings({})).toMatchObject({ huggingFace: new URL('https://huggingface.co/'), offline: false });
  const set = hubSettings({ HF_ENDPOINT: 'https://mirror.lan/hf', HF_TOKEN: 'abc\n', HF_HUB_OFFLINE: '1' });
  expect(set).toEqual({ huggingFace: new URL('https://mirror.lan/hf/'), authorization: 'Bearer abc', offline: true });
  expect(() => hubSettings({ HF_ENDPOINT: 'mirror' })).toThrow('HF_ENDPOINT: expected an address');
});
