import { connect } from 'mqtt';
import { ResedgeError } from '../../errors.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';
import { networkReason } from '../network.ts';
import type { Address } from './address.ts';
import { delays } from './delay.ts';
import type { Topic } from './topic.ts';
import type { Sink } from './types.ts';

export type MqttOptions = {
  readonly address: Address;
  readonly topic: Topic;
  /** Whether the broker keeps the last event of each topic for those who subscribe later. */
  readonly retain: boolean;
  /** Of the waits between connections. */
  readonly seed: number;
};

const FIRST_DELAY_MS = 250;
const MOST_DELAY_MS = 5000;
const CONNECT_MS = 10_000;
/** A broker that is silent for so long counts as gone. */
const KEEPALIVE_S = 15;

/**
 * Events as JSON by MQTT, at quality of service 1: the broker has confirmed what counts as delivered. `online` stands in the status topic
 * while connected and `offline` otherwise, by the will if need be; both are retained.
 */
export function openMqtt({ address, topic, retain, seed }: MqttOptions): Sink<CameraEvent> {
  const { url, user, password, shown } = address;
  const wait = delays({ firstMs: FIRST_DELAY_MS, mostMs: MOST_DELAY_MS, seed });
  const client = connect({
    protocol: url.protocol === 'mqtts:' ? 'mqtts' : 'mqtt',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (url.protocol === 'mqtts:' ? 8883 : 1883),
    ...(user === '' ? {} : { username: user }),
    ...(password === '' ? {} : { password }),
    reconnectPeriod: wait.next(),
    reconnectOnConnackError: true,
    connectTimeout: CONNECT_MS,
    keepalive: KEEPALIVE_S,
    will: { topic: topic.status, payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  let reason = 'no connection';
  const tried = new Promise<void>((resolve) => {
    client.once('connect', () => resolve());
    client.once('close', () => resolve());
  });
  client.on('error', (error) => {
    reason = networkReason(error);
  });
  // The client reads its period anew for every connection.
  client.on('reconnect', () => {
    client.options.reconnectPeriod = wait.next();
  });
  client.on('connect', () => {
    reason = 'the connection was cut';
    wait.reset();
    client.publish(topic.status, 'online', { qos: 0, retain: true });
  });

  return {
    name: shown,
    watch: ({ up, down }) => {
      client.on('connect', up);
      client.on('close', () => down(reason));
    },
    deliver: async (event) => {
      await tried;
      if (!client.connected) throw new ResedgeError('unavailable', reason);
      // Cut off while under way, the client sends it once more by itself.
      await client.publishAsync(topic.of(event), JSON.stringify(event), { qos: 1, retain });
    },
    close: async () => {
      if (client.connected) await client.publishAsync(topic.status, 'offline', { qos: 0, retain: true });
      // Without a period the client gives up what is under way.
      client.options.reconnectPeriod = 0;
      await client.endAsync(true);
    },
  };
}
