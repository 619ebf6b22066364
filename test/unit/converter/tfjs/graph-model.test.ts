import { createRequire } from 'node:module';
import { beforeAll, expect, test } from 'vitest';
import { classic, convertNetwork, largestDifference } from '../conversions.ts';
import { kerasInput } from '../keras/sources.ts';
import { logitsOf } from '../runner.ts';
import { EXPECTED, type Json, type TfjsFiles, tfjsFiles, tfjsNetwork } from './sources.ts';

// The declarations of TensorFlow.js contradict those of WebGPU in TypeScript's own library: it is loaded without them.
const require: (name: string) => Json = createRequire(import.meta.url);
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
const { env, io, setBackend, tensor } = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');

beforeAll(async () => {
  // Keeps quiet about the faster backends.
  env().set('IS_TEST', true);
  await setBackend('cpu');
});

async function opened({ json, shards }: TfjsFiles): Promise<Json> {
  const weightSpecs = json.weightsManifest.flatMap(({ weights }: { weights: readonly Json[] }) => weights);
  const bytes = Buffer.concat(
    json.weightsManifest.flatMap(({ paths }: { paths: string[] }) => paths.map((path) => shards[path]!)),
  );
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return await loadGraphModel(io.fromMemory({ ...json, weightSpecs, weightData }));
}

const graphs = Object.keys(EXPECTED).filter((name) => tfjsFiles(name).json.format === 'graph-model');

test.each(graphs)('%s, run by @tensorflow/tfjs-converter, says what its conversion does', async (name) => {
  const files = tfjsFiles(name);
  const { size } = EXPECTED[name]!;
  const input = kerasInput(size);
  const scores = (await opened(files)).predict(tensor(input.data, [...input.dims]));
  const own = Float32Array.from(await scores.data());
  const { model } = await convertNetwork(tfjsNetwork(files), classic(size, { layout: 'nhwc' }));
  expect(largestDifference(await logitsOf(model, input), own)).toBeLessThan(1e-4);
});
