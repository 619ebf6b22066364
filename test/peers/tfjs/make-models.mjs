// Makes small, seeded TensorFlow.js models and what TensorFlow.js itself predicts with them:
// node test/peers/tfjs/make-models.mjs <folder> <@tensorflow/tfjs's folder>. test/golden/tfjs was made so.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { graphModels } from './graph-models.mjs';
import { layersModels } from './layers-models.mjs';
import { quantized } from './quantize.mjs';

const [folder, installed] = process.argv.slice(2);
const tf = createRequire(resolve(installed, 'package.json'))('@tensorflow/tfjs');
// Keeps quiet about the faster backends.
tf.env().set('IS_TEST', true);
await tf.setBackend('cpu');

/** Weights in files of this size, so that there are several. */
const SHARD_BYTES = 3000;

/** A model as files by name. */
function filesOf({ weightSpecs, weightData, ...model }) {
  const count = Math.ceil(weightData.byteLength / SHARD_BYTES);
  const shards = Array.from({ length: count }, (_, i) => [
    `group1-shard${i + 1}of${count}.bin`,
    Buffer.from(weightData.slice(i * SHARD_BYTES, (i + 1) * SHARD_BYTES)).toString('base64'),
  ]);
  const weightsManifest = [{ paths: shards.map(([name]) => name), weights: weightSpecs }];
  return { 'model.json': { ...model, weightsManifest }, ...Object.fromEntries(shards) };
}

async function predict(artifacts, size) {
  const input = Float32Array.from({ length: size * size * 3 }, (_, i) => ((i * 37) % 256) / 64 - 2);
  const handler = tf.io.fromMemory(artifacts);
  const isGraph = artifacts.format === 'graph-model';
  const model = isGraph ? await tf.loadGraphModel(handler) : await tf.loadLayersModel(handler);
  return [...model.predict(tf.tensor(input, [1, size, size, 3])).dataSync()];
}

const made = { ...(await layersModels(tf)), ...graphModels() };
const all = {
  ...made,
  'resnet.uint8': { ...made.resnet, artifacts: quantized(made.resnet.artifacts, 'uint8') },
  'mobile.float16': { ...made.mobile, artifacts: quantized(made.mobile.artifacts, 'float16') },
  'plain.uint16': { ...made.plain, artifacts: quantized(made.plain.artifacts, 'uint16') },
  'fused.uint8': { ...made.fused, artifacts: quantized(made.fused.artifacts, 'uint8') },
};
const expected = {};
for (const [name, { size, artifacts }] of Object.entries(all)) {
  writeFileSync(join(folder, `${name}.json.gz`), gzipSync(JSON.stringify(filesOf(artifacts)), { level: 9 }));
  expected[name] = { size, scores: await predict(artifacts, size) };
}
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
