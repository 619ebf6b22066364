import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { TRAINING_RUN } from '../../../dist/converter/autodiff/run-options.js';
import { trainingGraph } from '../../../dist/converter/autodiff/training-graph.js';
import { readNetwork } from '../../../dist/converter/network.js';
import { concat } from '../../../dist/src/onnx/encode.js';

// Weights, whose parameters learn (starts of their names; '' for all), and how: prints what a step takes as JSON.
const { weights, size, batch, learn, norms, rounds, threads, profile } = JSON.parse(process.argv[2]);

const network = readNetwork(new Uint8Array(readFileSync(weights)), 'auto');
const graph = network.build(size);
const learns = (name) => !name.includes('running_') && !name.includes('shortcut');
const trainable = new Set(
  [...graph.constants.keys()].filter((name) => learns(name) && learn.some((start) => name.startsWith(start))),
);
const training = trainingGraph(graph, { batch, trainable, norms });
const folder = mkdtempSync(join(tmpdir(), 'resedge-train-step-'));
const file = join(folder, 'step.onnx');
writeFileSync(file, concat(training.encode({ name: 'bench', version: '0' })));

const session = await ort.InferenceSession.create(file, {
  executionProviders: ['cpu'],
  graphOptimizationLevel: TRAINING_RUN.level,
  enableCpuMemArena: TRAINING_RUN.arena,
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: TRAINING_RUN.spinning ? '1' : '0' } } },
  ...(profile ? { enableProfiling: true, profileFilePrefix: join(folder, 'profile') } : {}),
});

const tensor = (dims, at) => {
  const count = dims.reduce((all, dim) => all * dim, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: count }, (_, i) => at(i)),
    dims,
  );
};
const { classes } = network;
const feeds = {
  input: tensor([batch, 3, size, size], (i) => Math.sin(i * 0.37) * 2),
  targets: tensor([batch, classes], (i) => (i % (classes + 1) === 0 ? 1 / batch : 0)),
};
for (const { name, dims } of training.parameters) {
  const values = graph.constants.get(name).read();
  feeds[name] = tensor(dims, (i) => values[i]);
}

const WARM = 2;
const ms = [];
const cpu = [];
for (let round = -WARM; round < rounds; round++) {
  const [used, start] = [process.cpuUsage(), performance.now()];
  await session.run(feeds);
  const { user, system } = process.cpuUsage(used);
  if (round < 0) continue;
  ms.push(performance.now() - start);
  cpu.push((user + system) / 1000);
}
session.endProfiling();
await session.release();
const ops = profile ? opsOf(folder, rounds + WARM) : [];
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify({ ms, cpu, ops }));

/** Milliseconds a run, by operator. */
function opsOf(where, runs) {
  const name = readdirSync(where).find((entry) => entry.startsWith('profile'));
  const took = {};
  for (const { cat, name: event, args, dur } of JSON.parse(readFileSync(join(where, name), 'utf8'))) {
    if (cat === 'Node' && event.endsWith('_kernel_time')) took[args.op_name] = (took[args.op_name] ?? 0) + dur / 1000;
  }
  return Object.entries(took).map(([op, total]) => ({ op, ms: total / runs }));
}
