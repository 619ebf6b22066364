// Time of a run outside the inference: node hand-over.mjs <model.onnx> <threads> <runs>; prints the median in milliseconds.
import { openModel } from '../../../dist/src/node/index.js';

const WARM_UP = 20;
const [path, threads, runs] = process.argv.slice(2);
const { session } = await openModel(path, { threads: Number(threads) });
const [{ name, dtype, dims }] = session.inputs;
const shape = dims.map((dim) => (typeof dim === 'number' ? dim : 1));
const length = shape.reduce((a, b) => a * b);
const data = dtype === 'uint8' ? new Uint8Array(length).fill(100) : new Float32Array(length).fill(0.5);
const times = [];
for (let run = -WARM_UP; run < Number(runs); run++) {
  const start = performance.now();
  const { ms } = await session.run({ [name]: { dtype, dims: shape, data } });
  if (run >= 0) times.push(performance.now() - start - ms);
}
await session.close();
times.sort((a, b) => a - b);
process.stdout.write(`${times[Math.ceil(times.length / 2) - 1]}\n`);
