import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { quantiles } from '../../src/runtime/quantiles.ts';
import { wholeNumbers } from './common/flags.ts';
import { ROOT, workPath } from './common/folders.ts';
import { figure, report, say } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { ms, perSecond, times } from './common/units.ts';

const { clients, seconds: lasting, warm, queue } = wholeNumbers({ clients: 32, seconds: 60, warm: 5, queue: 64 });

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const BUNDLED = join(ROOT, 'models/resnet20-cifar10');
const PICTURES = 32;

async function model(): Promise<string> {
  const path = workPath('resnet20-int8.onnx');
  const weights = join(BUNDLED, 'resnet20-cifar10.safetensors');
  if (!existsSync(path))
    await resedge('convert', weights, '-o', path, '--calibrate', join(BUNDLED, 'calibration.json'));
  return path;
}

/** Milliseconds until the whole answer is there, and its status; 0 where there was none. */
function ask(port: number, agent: Agent, body: Uint8Array): Promise<{ readonly status: number; readonly ms: number }> {
  const begun = performance.now();
  const options = { host: '127.0.0.1', port, path: '/v1/classify', method: 'POST', agent };
  return new Promise((resolve) => {
    const done = (status: number): void => resolve({ status, ms: performance.now() - begun });
    const asking = request({ ...options, headers: { 'Content-Type': 'image/jpeg', 'Content-Length': body.length } });
    asking.on('response', (response) => {
      response.on('end', () => done(response.statusCode ?? 0)).on('error', () => done(0));
      response.resume();
    });
    asking.on('error', () => done(0));
    asking.end(body);
  });
}

const folder = await scenes(PICTURES);
const pictures = Array.from({ length: PICTURES }, (_, i) =>
  readFileSync(join(folder, `${String(i).padStart(3, '0')}.jpg`)),
);
const path = await model();
const args = [MAIN, 'serve', '--model', path, '--port', '0', '--queue', String(queue)];
const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
const port = await new Promise<number>((resolve) => {
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (found !== undefined) resolve(Number(found));
  });
});

const agent = new Agent({ keepAlive: true, maxSockets: clients });
const answers: { readonly status: number; readonly ms: number }[] = [];
const begun = performance.now();
const counts = (): boolean => performance.now() - begun > 1000 * warm;
say(`${clients} clients for ${lasting} s`);
await Promise.all(
  Array.from({ length: clients }, async (_, client) => {
    for (let i = client; performance.now() - begun < 1000 * (warm + lasting); i++) {
      const counted = counts();
      const answer = await ask(port, agent, pictures[i % PICTURES]!);
      if (counted) answers.push(answer);
    }
  }),
);
const resident = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0);
agent.destroy();
child.kill('SIGTERM');
const code = await ended;

const good = answers.filter(({ status }) => status === 200).map((answer) => answer.ms);
const busy = answers.filter(({ status }) => status === 503).length;
const [p50 = 0, p99 = 0] = quantiles(good, [0.5, 0.99]);
const count = (value: number): string => String(value);
report(`resedge serve, ResNet-20 INT8, JPEGs of 500 x 375, ${clients} clients for ${lasting} s`, [
  { name: 'answers', measured: perSecond(good.length / lasting) },
  { name: 'told to come again (503)', measured: count(busy) },
  figure('errors other than 503', answers.length - good.length - busy, 'at most', 0, count),
  { name: 'p50', measured: ms(p50) },
  { name: 'p99', measured: ms(p99) },
  figure('p99 over p50', p99 / p50, 'at most', 4, times),
  { name: 'peak resident set', measured: `${(resident / 1024).toFixed(0)} MB` },
  figure('exit code after SIGTERM', code ?? 1, 'at most', 0, count),
]);
