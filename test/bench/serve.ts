import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { quantiles } from '../../src/runtime/quantiles.ts';
import { serving } from '../runtime/node/serving.ts';
import { bundled } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { highWaterMark } from './common/process.ts';
import { figure, report, say } from './common/report.ts';
import { scenes } from './common/scenes.ts';
import { megabytes, ms, perSecond, times } from './common/units.ts';

const { clients, seconds: lasting, warm, queue } = wholeNumbers({ clients: 32, seconds: 60, warm: 5, queue: 64 });

const PICTURES = 32;

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
const server = await serving(['--model', await bundled(), '--queue', String(queue)]);
const port = Number(new URL(server.address).port);

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
const resident = highWaterMark(server.child.pid);
agent.destroy();
const code = await server.stop();
process.stderr.write(server.stderr());

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
  { name: 'peak resident set', measured: megabytes(resident) },
  figure('exit code after SIGTERM', code ?? 1, 'at most', 0, count),
]);
