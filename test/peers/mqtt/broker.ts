import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';

const START_MS = 10_000;
/** Debian puts servers where not everybody looks. */
const PATH = `${process.env['PATH']}:/usr/sbin`;

/** Debian's mosquitto, in a folder of its own; sessions and messages outlast a stop. */
export type Broker = {
  readonly port: number;
  readonly start: () => Promise<void>;
  /** Ends it with a signal: SIGTERM writes down what it holds, SIGKILL loses it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** SIGSTOP leaves connections open and silent, SIGCONT goes on. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Topics of the messages that it took, in their order. */
  readonly received: () => readonly string[];
};

/** Prepares a broker on a free port; `settings` are further lines of its configuration. */
export async function broker(folder: string, settings: readonly string[] = ['allow_anonymous true']): Promise<Broker> {
  const port = await freePort();
  const log = join(folder, 'mosquitto.log');
  const configuration = join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence true',
    `persistence_location ${folder}/`,
    'log_type all',
    'max_queued_messages 100000',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...settings,
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  writeFileSync(log, '');
  let running: ChildProcess | undefined;
  return {
    port,
    start: async () => {
      const child = spawn('mosquitto', ['-c', configuration], { env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr.on('data', (text: Buffer) => writeFileSync(log, text, { flag: 'a' }));
      running = child;
      for (const until = Date.now() + START_MS; !(await answers(port)); await sleep(20)) {
        if (child.exitCode !== null || Date.now() > until) throw new Error(`mosquitto: ${readFileSync(log, 'utf8')}`);
      }
    },
    stop: async (signal = 'SIGTERM') => {
      const child = running;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
    signal: (signal) => void running?.kill(signal),
    received: () => {
      const taken = /Received PUBLISH from \S+ \(d\d, q1, r\d, m\d+, '([^']+)'/g;
      return [...readFileSync(log, 'utf8').matchAll(taken)].map(([, topic = '']) => topic);
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
