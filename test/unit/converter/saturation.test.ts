import { describe, expect, test } from 'vitest';
import type { Constant, Graph } from '../../../converter/graph/graph.ts';
import type { QuantizationPlan } from '../../../converter/quantize/plan.ts';
import { SCHEMES, type SchemeName } from '../../../converter/quantize/scheme.ts';
import { saturationCounter } from '../../../converter/saturation.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { calibrated, convertFile, raw, SAFE } from './conversions.ts';
import { seededFile } from './networks.ts';
import { uniform } from './random.ts';

const [ROWS, CHANNELS, SIDE, GROUPS] = [16, 6, 3, 2];
const PER_GROUP = CHANNELS / GROUPS;
const SIZE = PER_GROUP * SIDE * SIDE;

/** A grouped convolution over a whole input of 3 x 3: one output position. */
const graph: Graph = {
  name: 'one convolution',
  inputs: [{ name: 'x', dtype: 'float32', dims: ['N', CHANNELS, SIDE, SIDE] }],
  outputs: ['conv'],
  nodes: [
    {
      name: 'conv',
      op: { kind: 'Conv', kernel: [SIDE, SIDE], strides: [1, 1], pads: [0, 0, 0, 0], group: GROUPS },
      inputs: ['x', 'weight'],
      outputs: ['conv'],
    },
  ],
  constants: new Map<string, Constant>([
    ['weight', { dtype: 'float32', dims: [ROWS, PER_GROUP, SIDE, SIDE], read: () => new Float32Array(ROWS * SIZE) }],
  ]),
};

function planOf(data: Int8Array, dtype: 'uint8' | 'int8' = 'uint8'): QuantizationPlan {
  const layer = { dims: [ROWS, PER_GROUP, SIDE, SIDE], bits: 8, bias: undefined, limited: 0 } as const;
  return {
    activations: new Map([['x', { dtype, scale: 1, zeroPoint: 7, reason: '' }]]),
    layers: new Map([['conv', { ...layer, data, scales: new Float32Array(ROWS).fill(1) }]]),
    equalized: new Map(),
    kept: new Map(),
  };
}

/** Rows of one picture's only output position with a pair that leaves int16, in the order (row, column, channel). */
function bruteForce(data: Int8Array, picture: Uint8Array): number {
  let wrong = 0;
  for (let r = 0; r < ROWS; r++) {
    const group = Math.floor(r / (ROWS / GROUPS));
    const products: number[] = [];
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        for (let c = 0; c < PER_GROUP; c++) {
          const weight = data[((r * PER_GROUP + c) * SIDE + y) * SIDE + x]!;
          products.push(weight * picture[((group * PER_GROUP + c) * SIDE + y) * SIDE + x]!);
        }
      }
    }
    const sums = products.filter((_, k) => k % 2 === 0).map((product, k) => product + (products[2 * k + 1] ?? 0));
    if (sums.some((sum) => sum > 32767 || sum < -32768)) wrong++;
  }
  return wrong;
}

test('counts exactly the rows in which a pair leaves int16', () => {
  const random = uniform(4);
  const draw = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  let total = 0;
  for (let round = 0; round < 20; round++) {
    const data = Int8Array.from({ length: ROWS * SIZE }, () => draw(-127, 127));
    const pictures = 3;
    const area = CHANNELS * SIDE * SIDE;
    const x = Uint8Array.from({ length: pictures * area }, () => draw(round < 10 ? 200 : 0, 255));
    const counter = saturationCounter(graph, planOf(data));
    expect(counter.inputs).toEqual(['x.q']);
    counter.add({ 'x.q': { dtype: 'uint8', dims: [pictures, CHANNELS, SIDE, SIDE], data: x } });
    const expected = [0, 1, 2].reduce((sum, n) => sum + bruteForce(data, x.slice(n * area, (n + 1) * area)), 0);
    total += expected;
    const { saturated, accumulators, share, layers } = counter.result();
    expect({ saturated, accumulators }).toEqual({ saturated: expected, accumulators: pictures * ROWS });
    expect(share).toBe(expected / accumulators);
    expect(layers).toEqual(expected > 0 ? [{ name: 'conv', share }] : []);
  }
  expect(total).toBeGreaterThan(20);
});

test('says that it is impossible where no input could do it, and for activations of other types', () => {
  const small = saturationCounter(graph, planOf(new Int8Array(ROWS * SIZE).fill(64)));
  expect(small.result()).toMatchObject({ impossible: true, saturated: 0 });
  const opposite = Int8Array.from({ length: ROWS * SIZE }, (_, i) => (Math.floor(i / 9) % 2 === 0 ? 127 : -127));
  expect(saturationCounter(graph, planOf(opposite)).result().impossible).toBe(false);
  const signed = saturationCounter(graph, planOf(new Int8Array(ROWS * SIZE).fill(127), 'int8'));
  expect(signed.result()).toMatchObject({ impossible: true, accumulators: 0 });
  expect(signed.inputs).toEqual([]);
});

test('looks at the elements that a dilated kernel meets', () => {
  const dims = [ROWS, PER_GROUP, 2, 2];
  const size = ROWS * PER_GROUP * 4;
  const [node] = graph.nodes;
  const op = { kind: 'Conv', kernel: [2, 2], dilations: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0] } as const;
  const dilated: Graph = {
    ...graph,
    nodes: [{ ...node!, op: { ...op, group: GROUPS } }],
    constants: new Map([['weight', { dtype: 'float32', dims, read: () => new Float32Array(size) }]]),
  };
  const saturatedBy = (bright: (place: number) => boolean) => {
    const counter = saturationCounter(dilated, planOf(new Int8Array(size).fill(127)));
    const data = Uint8Array.from({ length: CHANNELS * SIDE * SIDE }, (_, i) => (bright(i % (SIDE * SIDE)) ? 255 : 0));
    counter.add({ 'x.q': { dtype: 'uint8', dims: [1, CHANNELS, SIDE, SIDE], data } });
    const { saturated, accumulators } = counter.result();
    return { saturated, accumulators };
  };
  const isCorner = (place: number): boolean => [0, 2, 6, 8].includes(place);
  expect(saturatedBy(isCorner)).toEqual({ saturated: ROWS, accumulators: ROWS });
  expect(saturatedBy((place) => !isCorner(place))).toEqual({ saturated: 0, accumulators: ROWS });
});

describe('a conversion, judged on bright pictures,', () => {
  const preprocessing = raw(16);
  const bright: Tensor = { dtype: 'uint8', dims: [1, 16, 16, 3], data: new Uint8Array(768).fill(255) };
  // Weights of one sign in the stem: neighbouring products add up.
  const file = seededFile({ depths: [1] }, 3, (tensors) => {
    const { dims, data } = tensors.get('conv1.weight')!;
    tensors.set('conv1.weight', { dims, data: data.map((value) => 0.2 + 0.01 * value) });
  });
  async function* same(): AsyncGenerator<Tensor> {
    for (let i = 0; i < 16; i++) yield bright;
  }
  const saturationOf = async (scheme: SchemeName) => {
    const { int8 } = await convertFile(file, preprocessing, {
      int8: {
        recipe: { ...SAFE, scheme: SCHEMES[scheme] },
        calibration: { kind: 'pictures', inputs: same(), count: 16 },
      },
    });
    return int8!.kernels.saturation;
  };

  test('counts and names what saturates by u8s8', async () => {
    const { saturated, share, layers } = await saturationOf('u8s8');
    expect(saturated).toBeGreaterThan(0);
    expect(share).toBeGreaterThan(0);
    expect(layers.find(({ name }) => name === 'conv1')?.share).toBe(1);
  });

  test('finds nothing by u8s8-safe, on pictures of every kind', async () => {
    expect(await saturationOf('u8s8-safe')).toMatchObject({ saturated: 0, share: 0, layers: [] });
    const { int8 } = await convertFile(file, preprocessing, { int8: calibrated(preprocessing) });
    expect(int8!.kernels.saturation).toMatchObject({ saturated: 0, share: 0, layers: [] });
    expect(int8!.kernels.saturation.accumulators).toBeGreaterThan(1000);
  });
});
