import { hostname } from 'node:os';
import type { Command } from 'commander';
import { ResedgeError } from '../errors.ts';
import type { Snapshot } from '../node/sinks/snapshots.ts';
import type { QueuedSink } from '../node/sinks/types.ts';
import type { CameraEvent } from '../pipeline/answers/events.ts';
import { realNumber, wholeNumber } from './options.ts';

const DEFAULT_TOPIC = 'resedge/{host}/{kind}';
const DEFAULT_KEEP = 100;
const MAX_KEEP = 1_000_000;
const MAX_KEEP_DAYS = 36_500;
const DAY_MS = 86_400_000;

/** Events that wait for a sink which is slow or down, some 200 bytes each. */
const CAPACITY = 1000;
/** Frames that wait to be written, up to some megabytes each. */
const SNAPSHOT_CAPACITY = 4;
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 10_000;
const WEBHOOK_MS = 10_000;
const COMMAND_MS = 30_000;

export type SinkFlags = {
  readonly events?: string;
  readonly exec?: string;
  readonly webhook?: string;
  readonly header?: string;
  readonly mqtt?: string;
  readonly topic?: string;
  readonly retain?: boolean;
  readonly snapshots?: string;
  readonly keep?: number;
  readonly keepDays?: number;
};

export type SinkContext = {
  /** Takes one line for people. */
  readonly note: (line: string) => void;
  /** Told when nobody reads standard output any more. */
  readonly gone: (error: Error) => void;
};

export type OpenedSinks = {
  readonly events: readonly QueuedSink<CameraEvent>[];
  readonly snapshots: QueuedSink<Snapshot> | undefined;
};

/** Addresses and headers are read later than commander does: it would repeat a wrong one, password and all. */
export function addSinkOptions(command: Command): Command {
  return command
    .option('--events <file>', 'append events to a file as lines of JSON; - prints them')
    .option(
      '--exec <command>',
      'run a program for each event, without a shell; it gets the event on stdin and in RESEDGE_*',
    )
    .option('--webhook <url>', 'POST each event as JSON')
    .option('--header <line>', 'send "Name: value" with it, or the lines of @file')
    .option('--mqtt <url>', 'publish each event: mqtt://user:password@host:port or mqtts://')
    .option('--topic <template>', `topic, of {host}, {kind} and {label} (default: ${DEFAULT_TOPIC})`)
    .option('--retain', 'let the broker keep the last event of each topic')
    .option('--snapshots <folder>', 'write the frame of each event as a JPEG')
    .option('--keep <n>', `snapshots that stay (default: ${DEFAULT_KEEP})`, wholeNumber(1, MAX_KEEP))
    .option('--keep-days <days>', 'and for how long (default: for ever)', realNumber(0, MAX_KEEP_DAYS));
}

/** Opens what the flags name, each behind a queue. Throws `usage` for a flag that is wrong or alone, `io` for a place that cannot be written. */
export async function openSinks(flags: SinkFlags, { note, gone }: SinkContext): Promise<OpenedSinks> {
  expectTogether(flags);
  const [{ queued }, { openLines, openStdout }, { parseAddress }] = await Promise.all([
    import('../node/sinks/queued.ts'),
    import('../node/sinks/lines.ts'),
    import('../node/sinks/address.ts'),
  ]);
  const options = () => {
    const delays = { firstMs: FIRST_DELAY_MS, mostMs: MOST_DELAY_MS, seed: randomSeed() };
    return { ...delays, capacity: CAPACITY, note };
  };
  const command = flags.exec === undefined ? undefined : await commandOf(flags.exec);
  const webhook = flags.webhook === undefined ? undefined : parseAddress(flags.webhook, '--webhook', ['https', 'http']);
  const broker = flags.mqtt === undefined ? undefined : parseAddress(flags.mqtt, '--mqtt', ['mqtt', 'mqtts']);
  const topic = broker && (await import('../node/sinks/topic.ts')).parseTopic(flags.topic ?? DEFAULT_TOPIC, hostname());
  const headers = (await import('../node/sinks/headers.ts')).readHeaders(flags.header);
  const snapshots = flags.snapshots === undefined ? undefined : await snapshotsOf(flags.snapshots, flags);

  const events: QueuedSink<CameraEvent>[] = [];
  if (flags.events !== undefined) {
    events.push(queued(flags.events === '-' ? openStdout(gone) : await openLines(flags.events), options()));
  }
  if (command !== undefined) events.push(queued(command, options()));
  if (webhook !== undefined) {
    const { openWebhook } = await import('../node/sinks/webhook.ts');
    events.push(queued(openWebhook({ address: webhook, headers, limitMs: WEBHOOK_MS }), options()));
  }
  if (broker !== undefined && topic !== undefined) {
    const { openMqtt } = await import('../node/sinks/mqtt.ts');
    const retain = flags.retain === true;
    events.push(queued(openMqtt({ address: broker, topic, retain, seed: randomSeed() }), options()));
  }
  return { events, snapshots: snapshots && queued(snapshots, { ...options(), capacity: SNAPSHOT_CAPACITY }) };
}

const NEEDS: readonly (readonly [keyof SinkFlags, string, keyof SinkFlags])[] = [
  ['header', '--header', 'webhook'],
  ['topic', '--topic', 'mqtt'],
  ['retain', '--retain', 'mqtt'],
  ['keep', '--keep', 'snapshots'],
  ['keepDays', '--keep-days', 'snapshots'],
];

function expectTogether(flags: SinkFlags): void {
  for (const [flag, written, other] of NEEDS) {
    if (flags[flag] === undefined || flags[other] !== undefined) continue;
    throw new ResedgeError('usage', `${written} belongs to --${other}, which is missing`);
  }
}

async function commandOf(line: string) {
  const [{ openCommand }, { splitCommand }] = await Promise.all([
    import('../node/sinks/command.ts'),
    import('../node/sinks/split-command.ts'),
  ]);
  return openCommand({ command: splitCommand(line), limitMs: COMMAND_MS });
}

async function snapshotsOf(folder: string, { keep = DEFAULT_KEEP, keepDays }: SinkFlags) {
  const { openSnapshots } = await import('../node/sinks/snapshots.ts');
  const keepMs = keepDays === undefined ? Number.POSITIVE_INFINITY : keepDays * DAY_MS;
  return await openSnapshots({ folder, keep, keepMs, now: Date.now });
}

/** Devices that start together must not try again together. */
function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
