import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import type { CameraEvent } from '../../../src/pipeline/answers/events.ts';
import { broker } from '../../peers/mqtt/broker.ts';

/** Somebody who takes events and is away now and then. */
export type Receiver = {
  readonly address: string;
  readonly events: readonly CameraEvent[];
  /** Goes away for so long. */
  readonly fail: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A server for webhooks. Away, it answers 503 to every other request and cuts the others off. */
export async function webhookReceiver(): Promise<Receiver> {
  const events: CameraEvent[] = [];
  let away = false;
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked++;
    if (away && asked % 2 === 0) return void request.socket.destroy();
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    if (!away) events.push(JSON.parse(body) as CameraEvent);
    response.writeHead(away ? 503 : 204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events,
    fail: async (ms) => {
      away = true;
      await sleep(ms);
      away = false;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A mosquitto and a subscriber of it whose session outlasts both. Away, the broker is ended. */
export async function mqttReceiver(folder: string): Promise<Receiver> {
  const server = await broker(folder);
  await server.start();
  const options = { host: '127.0.0.1', port: server.port, clientId: 'soak', clean: false, reconnectPeriod: 50 };
  const subscriber = await connectAsync(options);
  const events: CameraEvent[] = [];
  subscriber.on('error', () => undefined);
  subscriber.on('message', (topic, payload) => {
    if (!topic.endsWith('/status')) events.push(JSON.parse(payload.toString()) as CameraEvent);
  });
  await subscriber.subscribeAsync('soak/#', { qos: 1 });
  return {
    address: `mqtt://127.0.0.1:${server.port}`,
    events,
    fail: async (ms) => {
      await server.stop();
      await sleep(ms);
      await server.start();
    },
    close: async () => {
      await subscriber.endAsync(true);
      await server.stop();
    },
  };
}
