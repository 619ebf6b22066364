// The same through Transformers.js: node transformers.mjs <package folder> <model folder> <folder> <threads> <pictures>; prints times.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const WARM_UP = 10;
const [installed, folder, from, threads, count] = process.argv.slice(2);
const entry = createRequire(join(installed, 'package.json')).resolve('@huggingface/transformers');
const { env, pipeline } = await import(pathToFileURL(entry).href);
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const session_options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1 };
const classify = await pipeline('image-classification', basename(folder), {
  dtype: 'q8',
  device: 'cpu',
  session_options,
});
const pictures = readdirSync(from).sort();
const times = [];
let before = process.cpuUsage();
for (let i = -WARM_UP; i < Number(count); i++) {
  if (i === 0) before = process.cpuUsage();
  const picture = join(from, pictures[(i + WARM_UP) % pictures.length]);
  const start = performance.now();
  await classify(picture, { top_k: 5 });
  if (i >= 0) times.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(before);
times.sort((a, b) => a - b);
const cpu = (user + system) / 1000 / times.length;
process.stdout.write(JSON.stringify({ p50: times[Math.ceil(times.length / 2) - 1], cpu }));
