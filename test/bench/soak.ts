import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraEvent } from '../../src/pipeline/answers/events.ts';
import { freePort } from '../peers/free-port.ts';
import { median } from './common/alternate.ts';
import { startCamera } from './common/camera.ts';
import { bundled } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { childrenOf, residentSet } from './common/process.ts';
import { figure, report, say } from './common/report.ts';
import { megabytes, perSecond } from './common/units.ts';
import { mqttReceiver, type Receiver, webhookReceiver } from './soak/receivers.ts';
import { serveScene } from './soak/scene.ts';

const { minutes, warm, outage, every, each } = wholeNumbers({ minutes: 30, warm: 3, outage: 30, every: 300, each: 3 });

const LOOK_MS = 10_000;
const SETTLE_MS = 5000;
const MINUTE_MS = 60_000;

/** Resident sets in bytes: of the command itself, and of what it started. */
type Sample = { readonly minute: number; readonly own: number; readonly started: number };

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The median of the last minute before `minute`: single readings swing with the garbage collector. */
function sizeAt(samples: readonly Sample[], minute: number, size: (sample: Sample) => number): number {
  return median(samples.filter((sample) => sample.minute > minute - 1 && sample.minute <= minute).map(size));
}

/** Bytes a minute, by least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number => total(samples.map(of)) / samples.length;
  const [at, size] = [mean(({ minute }) => minute), mean(({ own, started }) => own + started)];
  const rise = total(samples.map(({ minute, own, started }) => (minute - at) * (own + started - size)));
  return rise / total(samples.map(({ minute }) => (minute - at) ** 2));
}

/** Takes the receivers away in turn, the last time early enough for them to catch up. */
async function fail(receivers: readonly Receiver[], until: number): Promise<void> {
  for (let turn = 0; performance.now() + (every + 2 * outage) * 1000 < until; turn++) {
    await sleep(every * 1000);
    say(`receiver ${turn % receivers.length} is away for ${outage} s`);
    await receivers[turn % receivers.length]!.fail(outage * 1000);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'resedge-soak-'));
const address = `http://127.0.0.1:${await freePort()}/`;
const lines = join(folder, 'events.jsonl');
const model = await bundled();
const server = await serveScene(folder, address, each);
const receivers = { webhook: await webhookReceiver(), mqtt: await mqttReceiver(folder) };
await sleep(1000);
const sinks = ['--events', lines, '--webhook', receivers.webhook.address, '--mqtt', receivers.mqtt.address];
const camera = startCamera([address, '--model', model, ...sinks, '--topic', 'soak/{kind}']);

const begun = performance.now();
const until = begun + minutes * MINUTE_MS;
const failing = fail(Object.values(receivers), until);
const samples: Sample[] = [];
for (let due = begun + LOOK_MS; due <= until; due += LOOK_MS) {
  await sleep(due - performance.now());
  const minute = Math.round((due - begun) / LOOK_MS) / (MINUTE_MS / LOOK_MS);
  const own = residentSet(camera.pid);
  const started = total(childrenOf(camera.pid).map(residentSet));
  samples.push({ minute, own, started });
  if (Number.isInteger(minute))
    say(`${minute} min, ${megabytes(own)} and ${megabytes(started)}, ${camera.count()} answers`);
}
await failing;
const { fps, stderr, total: latency } = await camera.stop();
server.kill('SIGKILL');
await sleep(SETTLE_MS);
await Promise.all(Object.values(receivers).map((receiver) => receiver.close()));
const written = readFileSync(lines, 'utf8').trimEnd().split('\n');
rmSync(folder, { recursive: true });

const nameOf = ({ kind, label, frame }: CameraEvent): string => `${kind} ${label} ${frame}`;
const arrived = {
  file: written.map((line) => nameOf(JSON.parse(line) as CameraEvent)),
  webhook: receivers.webhook.events.map(nameOf),
  mqtt: receivers.mqtt.events.map(nameOf),
};
const happened = new Set(Object.values(arrived).flat());
const lost = total(Object.values(arrived).map((names) => happened.size - new Set(names).size));
const [captured = 0, dropped = 0] = [/(\d+) frames in/, /(\d+) dropped/].map((in_) => Number(in_.exec(stderr)?.[1]));
const warmed = samples.filter(({ minute }) => minute > warm);
const both = ({ own, started }: Sample): number => own + started;
const at = (minute: number): string => {
  const [own, started] = [sizeAt(samples, minute, (of) => of.own), sizeAt(samples, minute, (of) => of.started)];
  return `${megabytes(own)} + ${megabytes(started)}`;
};
const marks = [...new Set([warm, minutes / 3, (2 * minutes) / 3, minutes].map(Math.ceil))];
process.stderr.write(stderr);
report(`${minutes} minutes of MJPEG over HTTP, 640 x 480 at 30 frames a second, ResNet-20 INT8`, [
  ...marks.map((minute) => ({ name: `resident set after ${minute} min, resedge + ffmpeg`, measured: at(minute) })),
  figure(
    'growth after warm-up',
    sizeAt(samples, minutes, both) - sizeAt(samples, warm, both),
    'at most',
    5e6,
    megabytes,
  ),
  { name: 'slope after warm-up, for an hour', measured: megabytes(60 * slope(warmed)) },
  { name: 'frames captured, answered, dropped', measured: `${captured}, ${camera.count()}, ${dropped}` },
  { name: 'answered', measured: perSecond(fps) },
  { name: 'frame to answer, p50, p95', measured: `${latency.p50.toFixed(1)}, ${latency.p95.toFixed(1)} ms` },
  { name: 'events', measured: `${happened.size}` },
  ...Object.entries(arrived).map(([name, names]) => {
    return {
      name: `  delivered to ${name}`,
      measured: `${new Set(names).size}, ${names.length - new Set(names).size} twice`,
    };
  }),
  figure('events lost', lost, 'at most', 0, String),
]);
