import { describe, expect, test } from 'vitest';
import { constant, type Graph } from '../../../../converter/graph/graph.ts';
import { planQuantization } from '../../../../converter/quantize/index.ts';
import { observer } from '../../../../converter/quantize/observe.ts';
import type { LayerPlan, QuantizationPlan } from '../../../../converter/quantize/plan.ts';
import { SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { SAFE } from '../conversions.ts';
import { uniform } from '../random.ts';

const CHANNELS = 3;
const ROWS = 4;

type Layer = { readonly weight: Float32Array; readonly bias: Float32Array };

/** x [N, 3, 8, 8] -> 3 x 3 convolution with padding -> logits. */
function convolution({ weight, bias }: Layer): Graph {
  return {
    name: 'layer',
    inputs: [{ name: 'x', dtype: 'float32', dims: ['N', CHANNELS, 8, 8] }],
    outputs: ['conv'],
    nodes: [
      {
        name: 'conv',
        op: { kind: 'Conv', kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 },
        inputs: ['x', 'w', 'b'],
        outputs: ['conv'],
      },
    ],
    constants: new Map([
      ['w', constant(float32([ROWS, CHANNELS, 3, 3], weight))],
      ['b', constant(float32([ROWS], bias))],
    ]),
  };
}

/** Values of x, each channel within its range. */
function activations(ranges: readonly (readonly [number, number])[], seed = 1): Tensor<'float32'> {
  const random = uniform(seed);
  const data = Float32Array.from({ length: CHANNELS * 64 }, (_, i) => {
    const [low, high] = ranges[Math.floor(i / 64)]!;
    return i % 64 === 0 ? low : i % 64 === 1 ? high : low + (high - low) * random();
  });
  return float32([1, CHANNELS, 8, 8], data);
}

function planned(layer: Layer, x: Tensor<'float32'>, scheme: SchemeName = 'u8s8-safe'): QuantizationPlan {
  const seen = observer(['x']);
  seen.add({ x });
  const calibrated = { statistics: seen.statistics(), covariances: new Map() };
  return planQuantization(convolution(layer), calibrated, { ...SAFE, scheme: SCHEMES[scheme] });
}

const size = CHANNELS * 9;
const weights = (value: (i: number) => number): Float32Array =>
  Float32Array.from({ length: ROWS * size }, (_, i) => value(i));

/** The largest sum of a pair in the kernel's order; an activation is at most `peak` of its channel. */
function largestPair({ data }: LayerPlan, peak: readonly number[]): number {
  let largest = 0;
  for (let row = 0; row < ROWS; row++) {
    for (let k = 0; k + 1 < size; k += 2) {
      let sum = 0;
      for (const at of [k, k + 1]) {
        const channel = at % CHANNELS;
        sum += Math.abs(data[row * size + channel * 9 + Math.floor(at / CHANNELS)]!) * peak[channel]!;
      }
      largest = Math.max(largest, sum);
    }
  }
  return largest;
}

describe('the int16 hazard', () => {
  const layer: Layer = { weight: weights(() => 1), bias: new Float32Array(ROWS) };

  test.each<readonly [string, readonly (readonly [number, number])[]]>([
    [
      'values above zero',
      [
        [0, 4],
        [0, 4],
        [0, 4],
      ],
    ],
    [
      'values around zero',
      [
        [-2, 2],
        [-1, 2],
        [-2, 1],
      ],
    ],
    [
      'a channel that stays below zero, so that padding is its largest stored value',
      [
        [-9, -8],
        [-1, 1],
        [-9, -8],
      ],
    ],
    [
      'channels that all stay below zero',
      [
        [-9, -8],
        [-9, -7],
        [-9, -8],
      ],
    ],
  ])('%s: no pair saturates, padding included', (_, ranges) => {
    const x = activations(ranges);
    const { activations: values, layers } = planned(layer, x);
    const { scale, zeroPoint } = values.get('x')!;
    const peaks = ranges.map(([, high]) => Math.max(zeroPoint, Math.min(255, Math.round(high / scale) + zeroPoint)));
    expect(largestPair(layers.get('conv')!, peaks)).toBeLessThan(32768);
  });

  test('a scheme for exact kernels keeps every weight', () => {
    const { layers } = planned(
      layer,
      activations([
        [0, 4],
        [0, 4],
        [0, 4],
      ]),
      'u8s8',
    );
    expect(layers.get('conv')).toMatchObject({ limited: 0 });
    expect(new Set(layers.get('conv')!.data)).toEqual(new Set([127]));
    const safe = planned(
      layer,
      activations([
        [0, 4],
        [0, 4],
        [0, 4],
      ]),
    ).layers.get('conv')!;
    expect(safe.limited).toBe(ROWS);
  });
});

describe('the stored bias', () => {
  const x = activations([
    [0, 4],
    [-1, 1],
    [0, 2],
  ]);
  const random = uniform(2);
  const weight = weights(() => random() - 0.5);
  const stored = (
    layer: Layer,
    scheme: SchemeName = 'u8s8-safe',
  ): { readonly real: readonly number[]; plan: LayerPlan } => {
    const { activations: values, layers } = planned(layer, x, scheme);
    const plan = layers.get('conv')!;
    const inputScale = values.get('x')!.scale;
    return { real: [...plan.bias!].map((b, i) => b * Math.fround(plan.scales[i]! * inputScale)), plan };
  };

  test("takes the mean of the weights' rounding off the output's mean", () => {
    const bias = Float32Array.of(0, 1, -2, 0.5);
    const { real, plan } = stored({ weight, bias });
    const mean = [0, 1, 2].map((c) => x.data.subarray(c * 64, c * 64 + 64).reduce((sum, v) => sum + v, 0) / 64);
    for (let row = 0; row < ROWS; row++) {
      let exact = bias[row]!;
      let rounded = real[row]!;
      for (let i = 0; i < size; i++) {
        const average = mean[Math.floor(i / 9)]!;
        exact += weight[row * size + i]! * average;
        rounded += plan.data[row * size + i]! * plan.scales[row]! * average;
      }
      expect(Math.abs(rounded - exact)).toBeLessThan(1e-4);
    }
  });

  test.each([1e3, -1e9, 3e30])('of %d over weights of 1e-6 fits 31 bits, and stays right', (value) => {
    const { real, plan } = stored({ weight: weight.map((w) => w * 1e-6), bias: new Float32Array(ROWS).fill(value) });
    for (const [row, bias] of plan.bias!.entries()) {
      expect(Math.abs(bias)).toBeLessThanOrEqual(2 ** 30 + 2 ** 20);
      expect(real[row]! / value).toBeCloseTo(1, 5);
    }
  });

  test('of a channel without weights is kept, under a scale that is a normal number', () => {
    const { real, plan } = stored({ weight: weights(() => 0), bias: Float32Array.of(0, 1, -1, 1e-3) });
    expect(plan.data.every((q) => q === 0)).toBe(true);
    for (const [row, value] of [0, 1, -1, 1e-3].entries()) expect(real[row]).toBeCloseTo(value, 7);
    expect(plan.scales.every((scale) => scale > 0)).toBe(true);
  });
});

test('statistics of another number of channels are refused', () => {
  const seen = observer(['x']);
  seen.add({ x: float32([1, 2, 2, 2], new Float32Array(8).fill(1)) });
  const layer = { weight: weights(() => 1), bias: new Float32Array(ROWS) };
  const calibrated = { statistics: seen.statistics(), covariances: new Map() };
  expect(() => planQuantization(convolution(layer), calibrated, SAFE)).toThrowError(
    expect.objectContaining({
      code: 'input',
      message: expect.stringContaining(
        'expected calibration statistics of x in 3 channels, found 2: the table was made for another model',
      ),
    }),
  );
});
