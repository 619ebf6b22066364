import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../src/node/sinks/address.ts';
import { openMqtt } from '../../src/node/sinks/mqtt.ts';
import { queued } from '../../src/node/sinks/queued.ts';
import { parseTopic } from '../../src/node/sinks/topic.ts';
import { event, quick, until } from '../unit/node/sinks/events.ts';
import { type Broker, broker } from './mqtt/broker.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-mqtt-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function started(settings?: readonly string[]): Promise<Broker> {
  const its = await broker(mkdtempSync(join(folder, 'broker-')), settings);
  await its.start();
  onTestFinished(() => its.stop('SIGKILL'));
  return its;
}

type Publishing = {
  readonly capacity?: number;
  readonly retain?: boolean;
  readonly topic?: string;
  readonly user?: string;
};

/** A queue before a sink that publishes to the broker. */
function publishing(
  { port }: Broker,
  { capacity = 1000, retain = false, topic = 'door/{label}', user = '' }: Publishing = {},
) {
  const address = parseAddress(`mqtt://${user}127.0.0.1:${port}`, '--mqtt', ['mqtt']);
  const sink = openMqtt({ address, topic: parseTopic(topic, 'here'), retain, seed: 1 });
  const options = quick({ capacity, mostMs: 500 });
  const queue = queued(sink, options);
  onTestFinished(async () => void (await queue.close(0)));
  return { queue, notes: options.notes };
}

type Message = { readonly topic: string; readonly text: string; readonly retained: boolean };

/** A subscriber whose session outlasts its connection, and that of the broker. */
async function subscribed({ port }: Broker, filter = 'door/#'): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const client = await connectAsync({
    host: '127.0.0.1',
    port,
    clientId: `subscriber-${filter.length}`,
    clean: false,
    reconnectPeriod: 50,
  });
  client.on('error', () => undefined);
  client.on('message', (topic, payload, { retain }) =>
    messages.push({ topic, text: payload.toString(), retained: retain }),
  );
  await client.subscribeAsync(filter, { qos: 1 });
  onTestFinished(async () => void (await client.endAsync(true)));
  return messages;
}

/** Frames of the events received, each once: a message that was cut off while under way may come twice. */
function frames(messages: readonly Message[]): readonly number[] {
  const events = messages.filter(({ topic }) => !topic.endsWith('status')).map(({ text }) => JSON.parse(text).frame);
  return events.filter((frame, i) => frame !== events[i - 1]);
}

const from = (first: number, end: number): readonly number[] =>
  Array.from({ length: end - first }, (_, i) => first + i);

test('publishes each event as JSON in its topic', async () => {
  const its = await started();
  const messages = await subscribed(its);
  const { queue } = publishing(its);
  queue.push(event(1, 'tench, a/b'));
  queue.push(event(2, 'owl'));
  expect(await queue.close(5000)).toMatchObject({ delivered: 2, dropped: 0, queued: 0 });
  await until(() => messages.length === 4);
  expect(messages).toEqual([
    { topic: 'door/status', text: 'online', retained: false },
    { topic: 'door/tench, a_b', text: JSON.stringify(event(1, 'tench, a/b')), retained: false },
    { topic: 'door/owl', text: JSON.stringify(event(2, 'owl')), retained: false },
    { topic: 'door/status', text: 'offline', retained: false },
  ]);
});

test('retained on request, and the status always', async () => {
  const its = await started();
  const { queue } = publishing(its, { retain: true });
  queue.push(event(1, 'cat'));
  queue.push(event(2, 'cat'));
  await queue.close(5000);
  const messages = await subscribed(its);
  await until(() => messages.length === 2);
  expect([...messages].sort((a, b) => a.topic.localeCompare(b.topic))).toEqual([
    { topic: 'door/cat', text: JSON.stringify(event(2)), retained: true },
    { topic: 'door/status', text: 'offline', retained: true },
  ]);
});

describe('a broker that goes away for three seconds', () => {
  test('gets every event kept meanwhile, in order, once it is back', async () => {
    const its = await started();
    const messages = await subscribed(its);
    const { queue, notes } = publishing(its);
    let frame = 0;
    const pushing = setInterval(() => queue.push(event(frame++)), 10);
    await until(() => queue.counts().delivered > 20);
    await its.stop('SIGTERM');
    await sleep(3000);
    await its.start();
    await until(() => queue.counts().queued === 0);
    clearInterval(pushing);
    expect(await queue.close(5000)).toMatchObject({ delivered: frame, dropped: 0, refused: 0 });
    await until(() => frames(messages).length >= frame);
    expect(frames(messages)).toEqual(from(0, frame));
    expect(notes).toEqual([
      expect.stringMatching(
        /^mqtt:\/\/127\.0\.0\.1:\d+: the connection was cut; events are kept, up to 1000, and tried again$/,
      ),
      expect.stringMatching(/: works again$/),
    ]);
  });

  test('and dies: the queue is bounded, the oldest are dropped and counted, the rest arrives in order', async () => {
    const its = await started();
    const { queue } = publishing(its, { capacity: 50 });
    for (const i of from(0, 10)) queue.push(event(i, `n${i}`));
    await until(() => queue.counts().delivered === 10);
    await its.stop('SIGKILL');
    await sleep(1000);
    for (const i of from(10, 300)) {
      queue.push(event(i, `n${i}`));
      expect(queue.counts().queued).toBeLessThanOrEqual(51);
      await sleep(7);
    }
    const { dropped } = queue.counts();
    expect(dropped).toBeGreaterThanOrEqual(239);
    expect(dropped).toBeLessThanOrEqual(240);
    await its.start();
    expect(await queue.close(10_000)).toMatchObject({ delivered: 300 - dropped, dropped, refused: 0 });
    const kept = its.received().filter((topic, i, all) => topic !== all[i - 1]);
    expect(kept).toHaveLength(300 - dropped);
    expect(kept.slice(-50)).toEqual(from(250, 300).map((i) => `door/n${i}`));
    expect(kept.slice(0, 10)).toEqual(from(0, 10).map((i) => `door/n${i}`));
  });

  test('and comes back five times', async () => {
    const its = await started();
    const messages = await subscribed(its);
    const { queue } = publishing(its);
    let frame = 0;
    for (let round = 0; round < 5; round++) {
      for (const _ of from(0, 20)) queue.push(event(frame++));
      await sleep(20 * round);
      await its.stop('SIGTERM');
      for (const _ of from(0, 20)) queue.push(event(frame++));
      await its.start();
    }
    expect(await queue.close(20_000)).toMatchObject({ delivered: 200, dropped: 0 });
    await until(() => frames(messages).length >= 200);
    expect(frames(messages)).toEqual(from(0, 200));
  });
});

describe('a broker that is silent without closing', () => {
  test('gets all once it goes on', async () => {
    const its = await started();
    const messages = await subscribed(its);
    const { queue } = publishing(its);
    queue.push(event(0));
    await until(() => queue.counts().delivered === 1);
    its.signal('SIGSTOP');
    for (const i of from(1, 100)) queue.push(event(i));
    await sleep(1500);
    expect(queue.counts()).toMatchObject({ delivered: 1, queued: 99 });
    its.signal('SIGCONT');
    expect(await queue.close(10_000)).toMatchObject({ delivered: 100, dropped: 0 });
    await until(() => frames(messages).length >= 100);
    expect(frames(messages)).toEqual(from(0, 100));
  });

  test('does not hold up the end', async () => {
    const its = await started();
    const { queue } = publishing(its);
    queue.push(event(0));
    await until(() => queue.counts().delivered === 1);
    its.signal('SIGSTOP');
    queue.push(event(1));
    expect(await queue.close(300)).toMatchObject({ delivered: 1, dropped: 1 });
  });
});

describe('a broker that is not there', () => {
  test('at first', async () => {
    const its = await broker(mkdtempSync(join(folder, 'broker-')));
    onTestFinished(() => its.stop('SIGKILL'));
    const { queue, notes } = publishing(its, { user: 'us3r:s3cret@' });
    for (const i of from(0, 5)) queue.push(event(i));
    await until(() => notes.length === 1);
    await its.start();
    expect(await queue.close(10_000)).toMatchObject({ delivered: 5, dropped: 0 });
    expect(notes).toEqual([
      `mqtt://127.0.0.1:${its.port}: the connection was refused; events are kept, up to 1000, and tried again`,
      `mqtt://127.0.0.1:${its.port}: works again`,
    ]);
  });

  test('at all', async () => {
    const its = await broker(mkdtempSync(join(folder, 'broker-')));
    const { queue } = publishing(its);
    queue.push(event(0));
    expect(await queue.close(500)).toMatchObject({ delivered: 0, dropped: 1, queued: 0 });
  });
});

describe('users', () => {
  const passwords = join(folder, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'us@er', 's3:cret'], { stdio: 'ignore' });
  execFileSync('chmod', ['600', passwords]);
  const settings = ['allow_anonymous false', `password_file ${passwords}`];

  test('are taken from the address', async () => {
    const its = await started(settings);
    const { queue, notes } = publishing(its, { user: 'us%40er:s3%3Acret@' });
    queue.push(event(0));
    expect(await queue.close(5000)).toMatchObject({ delivered: 1 });
    expect([queue.name, ...notes].join()).not.toMatch(/us.*er|cret/);
  });

  test.each(['us%40er:s3%3Awrong@', ''])('are refused with a line that shows no password', async (user) => {
    const its = await started(settings);
    const { queue, notes } = publishing(its, { user });
    queue.push(event(0));
    await until(() => notes.length === 1);
    expect(await queue.close(0)).toMatchObject({ delivered: 0, dropped: 1 });
    expect(notes).toEqual([
      `mqtt://127.0.0.1:${its.port}: Connection refused: Not authorized; events are kept, up to 1000, and tried again`,
    ]);
  });
});

/** Runs a publisher in a process of its own; `said` is what it printed so far. */
function publisher(url: string, env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, 'mqtt/publish.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, url], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { child, said: () => said };
}

test('a publisher that dies is offline by its will', async () => {
  const its = await started();
  const messages = await subscribed(its, 'door/status');
  const { child, said } = publisher(`mqtt://127.0.0.1:${its.port}`);
  await until(() => said().includes('delivered\n'));
  child.kill('SIGKILL');
  await until(() => messages.length === 2);
  expect(messages.map(({ text }) => text)).toEqual(['online', 'offline']);
});

describe('TLS', () => {
  async function secure() {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
    const its = await started(['allow_anonymous true', `certfile ${files.cert}`, `keyfile ${files.key}`]);
    return { url: `mqtts://127.0.0.1:${its.port}`, cert: files.cert };
  }

  test('to a certificate that is trusted', async () => {
    const { url, cert } = await secure();
    const { said } = publisher(url, { NODE_EXTRA_CA_CERTS: cert });
    await until(() => said().includes('delivered\n'));
  });

  test('not to one that is not', async () => {
    const { url } = await secure();
    const { said } = publisher(url);
    await until(() => said().includes('\n'));
    expect(said()).toBe(`${url}: its certificate is self-signed; events are kept, up to 10, and tried again\n`);
  });
});
