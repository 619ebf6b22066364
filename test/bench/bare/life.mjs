// Growth of a process in bytes: node --expose-gc life.mjs <infer|reload> <model.onnx> <times> <per>; prints the slope of its size per <per> times.
import { readFileSync } from 'node:fs';
import { openModel } from '../../../dist/src/node/index.js';

const LOOKS = 100;
const [how, path, times, per] = process.argv.slice(2);
const options = { threads: 1 };

async function prepare() {
  const model = await openModel(path, options);
  const [{ name, dtype, dims }] = model.session.inputs;
  const shape = dims.map((dim) => (typeof dim === 'number' ? dim : 1));
  const length = shape.reduce((a, b) => a * b);
  const data = dtype === 'uint8' ? new Uint8Array(length).fill(100) : new Float32Array(length).fill(0.5);
  return { infer: () => model.session.run({ [name]: { dtype, dims: shape, data } }), close: model.session.close };
}

async function reload() {
  const { infer, close } = await prepare();
  await infer();
  await close();
}

const once = how === 'reload' ? reload : (await prepare()).infer;
const points = [];
for (let i = 1; i <= Number(times); i++) {
  await once();
  if (i % Math.ceil(Number(times) / LOOKS) === 0) {
    globalThis.gc();
    points.push([i, Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024]);
  }
}
// The first fifth warms up; the rest is fitted by least squares.
const warm = points.slice(points.length / 5);
const mean = (at) => warm.reduce((sum, point) => sum + point[at], 0) / warm.length;
const [x, y] = [mean(0), mean(1)];
const slope = warm.reduce((s, p) => s + (p[0] - x) * (p[1] - y), 0) / warm.reduce((s, p) => s + (p[0] - x) ** 2, 0);
process.stdout.write(JSON.stringify({ slope: slope * Number(per), first: warm[0][1], last: warm.at(-1)[1] }), () =>
  process.exit(0),
);
