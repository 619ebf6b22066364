import { describe, expect, test } from 'vitest';
import { type Covariance, covarianceCollector } from '../../../../converter/quantize/covariance.ts';
import { fillPatch } from '../../../../converter/quantize/patch.ts';
import type { WeightedLayer } from '../../../../converter/quantize/weighted.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { uniform } from '../random.ts';
import { runInProcess } from '../runner.ts';

function layerOf(values: Partial<WeightedLayer>): WeightedLayer {
  return {
    ...{ name: 'conv', input: 'x', rows: 4, groups: 1, channels: 3 },
    ...{ kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
    ...values,
  };
}

/** Numbers that differ in mean and spread from channel to channel and from row to row, [n, channels, height, width]. */
function inputs(dims: readonly number[], seed = 1): Tensor<'float32'> {
  const random = uniform(seed);
  const [n = 1, channels = 1, height = 1, width = 1] = dims;
  const data = Float32Array.from({ length: n * channels * height * width }, (_, i) => {
    const channel = Math.floor(i / (height * width)) % channels;
    const row = Math.floor(i / width) % height;
    return (channel % 4) / 2 + (0.5 + (channel % 3)) * (1 + 3 * (row % 2)) * (random() - 0.5);
  });
  return float32(dims, data);
}

/** Rows and columns from a kernel's first element to its last. */
function reachOf({ kernel, dilations }: WeightedLayer): readonly [number, number] {
  return [dilations[0] * (kernel[0] - 1) + 1, dilations[1] * (kernel[1] - 1) + 1];
}

/** Every patch of an input by the definition of a convolution, in the order of a row of weights, group after group. */
function im2col(layer: WeightedLayer, { dims, data }: Tensor<'float32'>): readonly (readonly number[])[] {
  const [n = 1, channels = 1, height = 1, width = 1] = dims;
  const [[kh, kw], [dy, dx]] = [reachOf(layer), layer.dilations];
  const [top, left, bottom, right] = layer.pads;
  const patches: number[][] = [];
  for (let p = 0; p < n; p++) {
    for (let y = -top; y + kh <= height + bottom; y += layer.strides[0]) {
      for (let x = -left; x + kw <= width + right; x += layer.strides[1]) {
        const patch: number[] = [];
        for (let c = 0; c < channels; c++) {
          for (let i = y; i < y + kh; i += dy) {
            for (let j = x; j < x + kw; j += dx) {
              const inside = i >= 0 && i < height && j >= 0 && j < width;
              patch.push(inside ? data[((p * channels + c) * height + i) * width + j]! : 0);
            }
          }
        }
        patches.push(patch);
      }
    }
  }
  return patches;
}

/** E[(a - E a)(b - E b)] of two elements of patches, in two passes. */
function covarianceOf(patches: readonly (readonly number[])[], a: number, b: number): number {
  const mean = (i: number): number => patches.reduce((sum, patch) => sum + patch[i]!, 0) / patches.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  return patches.reduce((sum, patch) => sum + (patch[a]! - meanA) * (patch[b]! - meanB), 0) / patches.length;
}

async function collect(layer: WeightedLayer, pictures: number, batches: readonly Tensor[]): Promise<Covariance> {
  const collector = covarianceCollector([layer], pictures, (_, { x }) => x as Tensor<'float32'>, runInProcess);
  for (const x of batches) await collector.add({ x });
  const found = await collector.finish();
  await collector.close();
  return found.get(layer.name)!;
}

/** Every element of the blocks beside the brute-force covariance, or zero in the padding of a last block. */
function largestDeviation(
  layer: WeightedLayer,
  { size, blocksPerGroup, blocks }: Covariance,
  patches: readonly (readonly number[])[],
): number {
  const width = layer.channels * layer.kernel[0] * layer.kernel[1];
  const scale = Math.max(...patches[0]!.map((_, i) => covarianceOf(patches, i, i)));
  let largest = 0;
  for (const [at, found] of blocks.entries()) {
    const block = Math.floor(at / size ** 2);
    const within = (i: number): number => (block % blocksPerGroup) * size + i;
    const [a, b] = [within(Math.floor(at / size) % size), within(at % size)];
    const start = Math.floor(block / blocksPerGroup) * width;
    const expected = a < width && b < width ? covarianceOf(patches, start + a, start + b) : 0;
    largest = Math.max(largest, Math.abs(found - expected) / scale);
  }
  return largest;
}

describe('fillPatch', () => {
  test.each<readonly [string, Partial<WeightedLayer>, readonly number[]]>([
    ['3 x 3 with padding', {}, [2, 3, 5, 4]],
    ['a stride', { strides: [2, 2] }, [1, 3, 7, 6]],
    ['uneven padding and kernel', { kernel: [1, 3], pads: [0, 2, 0, 1] }, [1, 3, 3, 4]],
    ['7 x 7 over a small picture', { kernel: [7, 7], strides: [2, 2], pads: [3, 3, 3, 3] }, [1, 3, 4, 4]],
    ['dilations', { kernel: [3, 2], dilations: [2, 3], strides: [1, 2] }, [2, 3, 7, 6]],
    ['1 x 1', { kernel: [1, 1], pads: [0, 0, 0, 0] }, [1, 3, 2, 2]],
    ['a head, [N, C]', { kernel: [1, 1], pads: [0, 0, 0, 0] }, [4, 3]],
  ])('%s: every patch is that of the convolution', (_, values, dims) => {
    const layer = layerOf(values);
    const x = inputs(dims);
    const [n = 1, , height = 1, width = 1] = dims;
    const [kh, kw] = reachOf(layer);
    const [top, left, bottom, right] = layer.pads;
    const found: number[][] = [];
    for (let picture = 0; picture < n; picture++) {
      for (let y = -top; y + kh <= height + bottom; y += layer.strides[0]) {
        for (let j = -left; j + kw <= width + right; j += layer.strides[1]) {
          const out = new Float32Array(2 + 3 * layer.kernel[0] * layer.kernel[1]);
          fillPatch(layer, x, { picture, y, x: j }, out, 2);
          expect([...out.subarray(0, 2)]).toEqual([0, 0]);
          found.push([...out.subarray(2)]);
        }
      }
    }
    expect(found).toEqual(im2col(layer, x));
  });
});

describe('covarianceCollector', () => {
  // One position in every picture: each patch is taken once, so the result is exact but for float32's rounding.
  test.each<readonly [string, Partial<WeightedLayer>, readonly number[]]>([
    ['3 x 3 with padding', { strides: [2, 2] }, [300, 3, 2, 2]],
    ['groups', { groups: 3, channels: 2, pads: [0, 0, 0, 0] }, [300, 6, 3, 3]],
    ['1 x 1', { kernel: [1, 1], pads: [0, 0, 0, 0] }, [300, 3, 1, 1]],
    ['a head', { kernel: [1, 1], pads: [0, 0, 0, 0], channels: 20 }, [300, 20]],
  ])('%s: the covariance of all patches', async (_, values, dims) => {
    const layer = layerOf(values);
    const [a, b] = [inputs([300, ...dims.slice(1)], 1), inputs([70, ...dims.slice(1)], 2)];
    const found = await collect(layer, 370, [a, b]);
    expect(found.samples).toBe(370);
    expect(found.blocks.length).toBe(layer.groups * found.blocksPerGroup * found.size ** 2);
    expect(largestDeviation(layer, found, [...im2col(layer, a), ...im2col(layer, b)])).toBeLessThan(1e-5);
  });

  test.each<readonly [string, Partial<WeightedLayer>]>([
    ['padding', {}],
    ['a stride, which sees other rows than its neighbours do', { strides: [2, 2], pads: [0, 0, 0, 0] }],
    ['groups', { groups: 2, channels: 2, pads: [0, 0, 0, 0] }],
  ])('%s: positions drawn at random come near the covariance of all', async (_, values) => {
    const layer = layerOf(values);
    const x = inputs([128, layer.groups * layer.channels, 8, 8]);
    const found = await collect(layer, 128, [x]);
    expect(found.samples).toBeGreaterThan(1000);
    expect(largestDeviation(layer, found, im2col(layer, x))).toBeLessThan(0.15);
  });

  test('a layer wider than a block has blocks of whole channels, the last one filled up with zeros', async () => {
    const layer = layerOf({ channels: 131, pads: [0, 0, 0, 0] });
    const x = inputs([40, 131, 3, 3]);
    const found = await collect(layer, 40, [x]);
    expect(found).toMatchObject({ blocksPerGroup: 5, size: 27 * 9, samples: 40 });
    const some = im2col(layer, x);
    const scale = covarianceOf(some, 9 * 2, 9 * 2);
    const random = uniform(5);
    for (let i = 0; i < 2000; i++) {
      const [block, a, b] = [Math.floor(random() * 5), Math.floor(random() * 243), Math.floor(random() * 243)];
      const [m, n] = [block * 243 + a, block * 243 + b];
      const expected = m < 1179 && n < 1179 ? covarianceOf(some, m, n) : 0;
      expect(Math.abs(found.blocks[(block * 243 + a) * 243 + b]! - expected)).toBeLessThan(scale * 1e-5);
    }
  });

  test('knows every layer by its name, and is the same at every run', async () => {
    const layers = [layerOf({}), layerOf({ name: 'other', kernel: [1, 1], pads: [0, 0, 0, 0] })];
    const run = async (): Promise<ReadonlyMap<string, Covariance>> => {
      const collector = covarianceCollector(layers, 4, (_, { x }) => x as Tensor<'float32'>, runInProcess);
      await collector.add({ x: inputs([4, 3, 6, 6]) });
      const found = await collector.finish();
      await collector.close();
      return found;
    };
    const first = await run();
    expect([...first.keys()]).toEqual(['conv', 'other']);
    expect(await run()).toEqual(first);
  });
});
