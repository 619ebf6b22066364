import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Architecture } from '../../converter/resnet/architecture.ts';
import { expectedShapes } from '../../converter/resnet/check.ts';
import { layersOf } from '../../converter/resnet/layers.ts';
import { mulberry32 } from '../../src/tensor/random.ts';
import { elementCount, tensorBytes } from '../../src/tensor/tensor.ts';
import { workPath } from './common/folders.ts';
import { say } from './common/report.ts';

/** Networks that the benches time, at full size or with a quarter of the channels. */
export type NetworkName = 'resnet18' | 'resnet18-quarter' | 'resnet50' | 'resnet152';

const NETWORKS: Readonly<
  Record<
    NetworkName,
    { readonly block: Architecture['block']; readonly depths: readonly number[]; readonly width: number }
  >
> = {
  resnet18: { block: 'basic', depths: [2, 2, 2, 2], width: 64 },
  'resnet18-quarter': { block: 'basic', depths: [2, 2, 2, 2], width: 16 },
  resnet50: { block: 'bottleneck', depths: [3, 4, 6, 3], width: 64 },
  resnet152: { block: 'bottleneck', depths: [3, 8, 36, 3], width: 64 },
};
const CLASSES = 1000;
const SEED = 20;

/**
 * A safetensors file of a network at full size with seeded random weights, made on first use: convolutions after He et al.
 * 2015 (delving deep into rectifiers, equation 10), batch norms near identity whose statistics are those that the
 * activations have on average, so that these neither die nor explode.
 */
export function randomWeights(name: NetworkName): string {
  const path = workPath(`${name}.safetensors`);
  if (!existsSync(path)) {
    say(`making ${path}`);
    writeWeights(path, architectureOf(name));
  }
  return path;
}

function architectureOf(name: NetworkName): Architecture {
  const { block, depths, width } = NETWORKS[name];
  const expansion = block === 'basic' ? 1 : 4;
  const stages = depths.map((blocks, i) => ({ blocks, inner: width * 2 ** i, out: width * expansion * 2 ** i }));
  return {
    name,
    block,
    stem: { kind: 'imagenet', width },
    stages,
    groups: 1,
    shortcut: { kind: 'projection', name: 'downsample' },
    head: { name: 'fc', features: stages.at(-1)?.out ?? 0, classes: CLASSES },
  };
}

/**
 * The variance of every batch norm's input, by the layer's name. He's initialisation gives a convolution's output twice its
 * input's mean square: 1 for a normalised picture, 1/2 behind batch norm and ReLU, 1 behind a projection's Add and ReLU; an
 * Add to the residual stream raises the stream's by 1.
 */
function variances(architecture: Architecture): ReadonlyMap<string, number> {
  const { stem, blocks } = layersOf(architecture);
  const found = new Map(stem.map(({ norm }) => [norm, 2]));
  let stream = 1 / 2;
  for (const { main, shortcut } of blocks) {
    for (const [i, { norm }] of main.entries()) found.set(norm, i === 0 ? 2 * stream : 1);
    if (shortcut.kind === 'projection') found.set(shortcut.layer.norm, 2 * stream);
    stream = shortcut.kind === 'projection' ? 1 : stream + 1;
  }
  return found;
}

function writeWeights(path: string, architecture: Architecture): void {
  const shapes = [...expectedShapes(architecture)];
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, dims] of shapes) {
    const end = offset + 4 * elementCount(dims);
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(head.length));
  const variance = variances(architecture);
  const normal = gaussian(SEED);
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w');
  for (const part of [size, head]) writeAll(file, part);
  for (const [name, dims] of shapes) {
    const data = Float32Array.from({ length: elementCount(dims) }, valuesOf(name, dims, variance, normal));
    writeAll(file, tensorBytes({ dtype: 'float32', dims, data }));
  }
  closeSync(file);
  renameSync(partial, path);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/** What a tensor's values are drawn from, by its name. */
function valuesOf(
  name: string,
  dims: readonly number[],
  variance: ReadonlyMap<string, number>,
  normal: () => number,
): () => number {
  const expected = variance.get(name.slice(0, name.lastIndexOf('.')));
  if (expected === undefined) {
    const fanIn = elementCount(dims.slice(1));
    const deviation = name === 'fc.bias' ? 0.01 : Math.sqrt((name === 'fc.weight' ? 1 : 2) / fanIn);
    return () => deviation * normal();
  }
  if (name.endsWith('.running_var')) return () => expected * Math.exp(0.1 * normal());
  if (name.endsWith('.weight')) return () => Math.exp(0.1 * normal());
  return () => 0.05 * normal();
}

/** Normal numbers from a seed, two at a time (Box and Muller 1958). */
function gaussian(seed: number): () => number {
  const random = mulberry32(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
