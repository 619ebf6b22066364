import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { parseAddress } from '../../src/node/sinks/address.ts';
import { openMqtt } from '../../src/node/sinks/mqtt.ts';
import { queued } from '../../src/node/sinks/queued.ts';
import { parseTopic } from '../../src/node/sinks/topic.ts';
import { broker } from '../peers/mqtt/broker.ts';
import { wholeNumbers } from './common/flags.ts';
import { figure, report, say } from './common/report.ts';
import { seconds } from './common/units.ts';

const { outage, rate, capacity } = wholeNumbers({ outage: 60, rate: 20, capacity: 1000 });

const SETTLE_MS = 5000;
const LIMIT_MS = 30_000;

/** Longest time that a timer of 10 ms came late: what a busy sink would cost a camera in the same thread. */
function watchTimer(): () => number {
  let latest = 0;
  let due = performance.now() + 10;
  const timer = setInterval(() => {
    latest = Math.max(latest, performance.now() - due);
    due = performance.now() + 10;
  }, 10);
  return () => {
    clearInterval(timer);
    return latest;
  };
}

const folder = mkdtempSync(join(tmpdir(), 'resedge-bench-'));
const server = await broker(folder);
await server.start();
const subscriber = await connectAsync({
  host: '127.0.0.1',
  port: server.port,
  clientId: 'bench',
  clean: false,
  reconnectPeriod: 50,
});
subscriber.on('error', () => undefined);
const received: number[] = [];
subscriber.on('message', (_, payload) => received.push(JSON.parse(payload.toString()).frame));
await subscriber.subscribeAsync('bench/entered', { qos: 1 });

const address = parseAddress(`mqtt://127.0.0.1:${server.port}`, 'broker', ['mqtt']);
const sink = openMqtt({ address, topic: parseTopic('bench/{kind}', ''), retain: false, seed: 1 });
const queue = queued(sink, { capacity, firstMs: 500, mostMs: 10_000, seed: 1, note: say });
let frame = 0;
let most = 0;
const pushing = setInterval(() => {
  queue.push({ kind: 'entered', time: new Date().toISOString(), label: 'cat', probability: 0.9, frame: frame++ });
  most = Math.max(most, queue.counts().queued);
}, 1000 / rate);
const late = watchTimer();

await sleep(SETTLE_MS);
say(`the broker goes away for ${outage} s`);
await server.stop();
await sleep(outage * 1000);
await server.start();
const back = performance.now();
while (queue.counts().queued > 1 && performance.now() - back < LIMIT_MS) await sleep(5);
const caughtUp = performance.now() - back;
await sleep(SETTLE_MS);
clearInterval(pushing);
const lateness = late();
const { delivered, dropped } = await queue.close(LIMIT_MS);
await sleep(1000);
await subscriber.endAsync(true);
await server.stop();
rmSync(folder, { recursive: true });

const distinct = received.filter((each, i) => each !== received[i - 1]);
const inOrder = distinct.every((each, i) => i === 0 || each > distinct[i - 1]!);
const count = (value: number): string => String(value);
report(`mosquitto away for ${outage} s, ${rate} events a second, room for ${capacity}`, [
  { name: 'events', measured: count(frame) },
  { name: 'dropped, the oldest', measured: count(dropped) },
  figure('confirmed by the broker, of those kept', delivered, 'at least', frame - dropped, count),
  figure('received by a subscriber', distinct.length, 'at least', frame - dropped, count),
  figure('received out of order', inOrder ? 0 : 1, 'at most', 0, count),
  figure('queued at most', most, 'at most', capacity + 1, count),
  figure('caught up after the broker is back', caughtUp / 1000, 'at most', 15, seconds),
  { name: 'a timer of 10 ms late by at most', measured: `${lateness.toFixed(0)} ms` },
]);
