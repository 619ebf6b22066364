// JPEG to top-5 in one warm process through the built package: node warm.mjs <model.onnx> <folder> <threads> <pictures>; prints times.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { classify, openModel } from '../../../dist/src/node/index.js';

const WARM_UP = 10;
const [path, folder, threads, count] = process.argv.slice(2);
const pictures = readdirSync(folder).sort();
const model = await openModel(path, { threads: Number(threads) });
const times = [];
const steps = { decode: 0, prepare: 0, infer: 0 };
let before = process.cpuUsage();
for (let i = -WARM_UP; i < Number(count); i++) {
  if (i === 0) before = process.cpuUsage();
  const picture = join(folder, pictures[(i + WARM_UP) % pictures.length]);
  const start = performance.now();
  const { ms } = await classify(model, picture, 5);
  if (i < 0) continue;
  times.push(performance.now() - start);
  for (const step of Object.keys(steps)) steps[step] += ms[step] / Number(count);
}
const { user, system } = process.cpuUsage(before);
await model.session.close();
times.sort((a, b) => a - b);
const cpu = (user + system) / 1000 / times.length;
process.stdout.write(JSON.stringify({ p50: times[Math.ceil(times.length / 2) - 1], cpu, steps }));
