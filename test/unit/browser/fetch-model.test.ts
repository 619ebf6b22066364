import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchModel } from '../../../src/browser/fetch-model.ts';

const model = new Uint8Array(readFileSync('test/golden/runtime/float-conv.onnx'));
let server: Server;
let root = '';

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    if (url === '/model.onnx') response.end(model);
    else if (url === '/home') response.setHeader('content-type', 'text/html').end('\ufeff\n <!DOCTYPE html><p>Welcome');
    else if (url === '/vast') response.writeHead(200, { 'content-length': 2 ** 31 }).write('x');
    else if (url === '/cut') response.writeHead(200, { 'content-length': 1000 }).write('x', () => response.destroy());
    else response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a model', () => {
  it('comes from an address', async () => {
    for (const source of [`${root}/model.onnx`, new URL(`${root}/model.onnx`)])
      expect(await fetchModel(source)).toEqual({ name: `${root}/model.onnx`, bytes: model });
  });

  it('comes from a file, and from bytes without a copy', async () => {
    const size = `model of ${model.length} bytes`;
    expect(await fetchModel(new Blob([model]))).toEqual({ name: size, bytes: model });
    const { bytes } = await fetchModel(model);
    expect(bytes).toBe(model);
    const { buffer } = model.slice();
    expect((await fetchModel(buffer)).bytes.buffer).toBe(buffer);
  });

  it.each([
    ['/none', 'io', /: expected a model, the server answered 503 Service Unavailable: check the address$/],
    ['/home', 'input', /: expected an ONNX model, an HTML page came/],
    ['/vast', 'limit', /: expected a model of at most 2147483647 bytes, it has 2147483648$/],
    ['/cut', 'io', /: expected a whole model, reading it broke off \(.*\): try again$/],
  ])('is refused in one line: %s', async (path, code, says) => {
    const error = await fetchModel(root + path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect((error as Error).message.startsWith(root + path)).toBe(true);
    expect((error as Error).message).not.toContain('\n');
  });

  it('is refused where nobody answers, and where something else lies', async () => {
    await expect(fetchModel('http://127.0.0.1:9/model.onnx')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/^http.*: expected a model, the request failed \(/),
    });
    await expect(fetchModel(new TextEncoder().encode('a text'))).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/^model of 6 bytes: expected an ONNX model, it is something else/),
    });
  });
});
