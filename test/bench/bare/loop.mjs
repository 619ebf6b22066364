// The least program that times a model: node loop.mjs <model.onnx> <threads> <runs>; prints the median in milliseconds.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const WARM_UP = 5;
const [model, threads, runs] = process.argv.slice(2);
const session = await InferenceSession.create(model, { intraOpNumThreads: Number(threads) });
const [{ name, shape }] = session.inputMetadata;
const dims = shape.map((dim, axis) => (axis === 0 ? 1 : dim));
const data = Uint8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i * 2654435761) >>> 24);
const feeds = { [name]: new Tensor('uint8', data, dims) };
const times = [];
for (let run = -WARM_UP; run < Number(runs); run++) {
  const start = performance.now();
  await session.run(feeds);
  if (run >= 0) times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
process.stdout.write(`${times[Math.ceil(times.length / 2) - 1]}\n`);
