import { type ChildProcess, spawn } from 'node:child_process';
import { type IncomingHttpHeaders, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { MAIN } from './resedge.ts';

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

export type Serving = {
  /** What it printed when it was ready. */
  readonly stdout: string;
  readonly address: string;
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Asks for a path as it is written, whatever a browser would make of it. */
  readonly ask: (path: string, ask?: Ask) => Promise<Answer>;
  /** Tells it to stop, and waits; its exit code. */
  readonly stop: () => Promise<number | null>;
};

/** Starts `resedge serve` on a free port, and waits until it says where. */
export async function serving(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // A test that fails leaves nothing running.
  process.once('exit', () => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (/^ *camera /m.test(stdout)) resolve();
    });
  });
  await Promise.race([ready, closed]);
  const address = /https?:\/\/\S+/.exec(stdout)?.[0];
  if (address === undefined) throw new Error(`expected a server, it says: ${stderr}`);
  return {
    ...{ stdout, address, child, stderr: () => stderr },
    ask: (path, ask) => askServer(new URL(address), path, ask),
    stop: async () => {
      child.kill('SIGTERM');
      return await closed;
    },
  };
}

export function askServer(
  { protocol, hostname, port }: URL,
  path: string,
  { method = 'GET', headers = {}, body }: Ask = {},
): Promise<Answer> {
  const options = { host: hostname.replace(/^\[|\]$/g, ''), port, path, method, headers, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const asking = (protocol === 'https:' ? secure : plain)(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
