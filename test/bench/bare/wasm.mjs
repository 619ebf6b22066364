// Times a model in WebAssembly, bare or through the built package: node wasm.mjs <bare|own> <model.onnx> <threads> <runs>; prints times.
import { readFileSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { wasmBackend } from '../../../dist/src/node/index.js';

const WARM_UP = 5;
const [how, path, threads, runs] = process.argv.slice(2);
const numThreads = Number(threads);

async function openBare() {
  env.wasm.numThreads = numThreads;
  const session = await InferenceSession.create(readFileSync(path), { executionProviders: ['wasm'] });
  const run = (feed) => session.run({ [session.inputNames[0]]: new Tensor('uint8', feed, [1, 224, 224, 3]) });
  return { run, close: () => session.release() };
}

async function openOwn() {
  const options = { provider: 'wasm', threads: numThreads, spinning: true, optimize: true, exactAccumulators: false };
  const session = await wasmBackend.open({ kind: 'path', path }, options);
  const dims = [1, 224, 224, 3];
  const run = (data) => session.run({ [session.inputs[0].name]: { dtype: 'uint8', dims, data } });
  return { run, close: session.close };
}

const { run, close } = await (how === 'bare' ? openBare() : openOwn());
const data = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 2654435761) >>> 24);
const times = [];
let before = process.cpuUsage();
for (let i = -WARM_UP; i < Number(runs); i++) {
  if (i === 0) before = process.cpuUsage();
  const start = performance.now();
  await run(data);
  if (i >= 0) times.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(before);
await close();
times.sort((a, b) => a - b);
const cpu = (user + system) / 1000 / times.length;
process.stdout.write(JSON.stringify({ p50: times[Math.ceil(times.length / 2) - 1], cpu }), () => process.exit(0));
