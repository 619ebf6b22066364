import { expect, test } from 'vitest';
import { trainingGraph } from '../../../../converter/autodiff/training-graph.ts';
import type { Constant } from '../../../../converter/graph/graph.ts';
import { floats } from '../../../../converter/runner.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { runInProcess } from '../runner.ts';
import { graphOf } from './differences.ts';

const DIMS = [2, 3, 4, 4];
const COUNT = 96;
const PER_CHANNEL = 16;

type Integers = {
  readonly zeroPoint: Constant;
  readonly scales: readonly number[];
  readonly range: readonly [number, number];
  readonly offset: number;
};

const bytes = (dtype: 'uint8' | 'int8', ...values: readonly number[]): Constant => {
  const dims = values.length === 1 ? [] : [values.length];
  return dtype === 'uint8'
    ? { dtype, dims, read: () => Uint8Array.from(values) }
    : { dtype, dims, read: () => Int8Array.from(values) };
};

const cases: Readonly<Record<string, Integers>> = {
  'uint8 per tensor': { zeroPoint: bytes('uint8', 100), scales: [0.01], range: [0, 255], offset: 100 },
  'int8 per channel': { zeroPoint: bytes('int8', 0, 0, 0), scales: [0.01, 0.005, 0.1], range: [-128, 127], offset: 0 },
  'int4 per channel': {
    zeroPoint: { dtype: 'int4', dims: [3], read: () => new Uint8Array(2) },
    scales: [0.1, 0.2, 0.05],
    range: [-8, 7],
    offset: 0,
  },
  'int4 per tensor, zero point below zero': {
    zeroPoint: { dtype: 'int4', dims: [], read: () => Uint8Array.of(0x0e) },
    scales: [0.15],
    range: [-8, 7],
    offset: -2,
  },
  'uint16 per tensor': {
    zeroPoint: { dtype: 'uint16', dims: [], read: () => Uint16Array.of(30_000) },
    scales: [0.00005],
    range: [0, 65_535],
    offset: 30_000,
  },
};

test.each(Object.keys(cases))('fake quantization passes gradients inside of its range: %s', async (name) => {
  const { zeroPoint, scales, range, offset } = cases[name]!;
  const axis = scales.length === 1 ? {} : { axis: 1 };
  const dims = scales.length === 1 ? [] : [scales.length];
  const scale: Constant = { dtype: 'float32', dims, read: () => Float32Array.from(scales) };
  const graph = graphOf({
    nodes: [
      [{ kind: 'QuantizeLinear', ...axis }, 'scale', 'zero'],
      [{ kind: 'DequantizeLinear', ...axis }, 'scale', 'zero'],
    ],
    given: { scale, zero: zeroPoint },
  });
  const training = trainingGraph(graph, { batch: 2, trainable: new Set(['x']), norms: 'live' });
  const model = await runInProcess(training.encode({ name: 'test', version: '0' }), { optimize: true });
  const values = Float32Array.from({ length: COUNT }, (_, i) => Math.sin(i) * 2);
  const targets = Float32Array.from({ length: COUNT }, (_, i) => Math.cos(i));
  const outputs = await model.run({
    input: float32(DIMS, new Float32Array(COUNT)),
    x: float32(DIMS, values),
    targets: float32([2, COUNT / 2], targets),
  });
  await model.close();
  const logits = floats(outputs, 'logits');
  const gradient = floats(outputs, 'x.gradient');
  let stopped = 0;
  for (let row = 0; row < 2; row++) {
    const places = Array.from({ length: COUNT / 2 }, (_, i) => row * (COUNT / 2) + i);
    const total = places.reduce((sum, i) => sum + Math.exp(logits[i]!), 0);
    const weight = places.reduce((sum, i) => sum + targets[i]!, 0);
    for (const i of places) {
      const step = scales[scales.length === 1 ? 0 : Math.floor(i / PER_CHANNEL) % 3]!;
      const stored = Math.round(values[i]! / step) + offset;
      const kept = Math.min(range[1], Math.max(range[0], stored));
      expect(logits[i]).toBeCloseTo((kept - offset) * step, 5);
      const through = (weight * Math.exp(logits[i]!)) / total - targets[i]!;
      expect(gradient[i]).toBeCloseTo(kept === stored ? through : 0, 5);
      if (kept !== stored) stopped++;
    }
  }
  expect(stopped).toBeGreaterThan(5);
  expect(stopped).toBeLessThan(COUNT - 5);
});

const fixed = (...values: readonly number[]): Constant => ({
  dtype: 'float32',
  dims: values.length === 1 ? [] : [values.length],
  read: () => Float32Array.from(values),
});

test.each([
  ['8 bits', bytes('int8', 0, 0), [0.01, 0.02]],
  ['4 bits', { dtype: 'int4', dims: [2], read: () => new Uint8Array(1) }, [0.1, 0.2]],
] as const)(
  'a quantization-aware convolution of %s weights learns alike however it is fused',
  async (_, zero, scales) => {
    const graph = graphOf({
      nodes: [
        [{ kind: 'QuantizeLinear' }, 'x.scale', 'x.zero'],
        [{ kind: 'DequantizeLinear' }, 'x.scale', 'x.zero'],
        [{ kind: 'QuantizeLinear', axis: 0 }, '@w', 'w.scale', 'w.zero'],
        [{ kind: 'DequantizeLinear', axis: 0 }, 'w.scale', 'w.zero'],
        [{ kind: 'Conv', kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }, 'v2', 'v4'],
        [{ kind: 'Relu' }],
        [{ kind: 'QuantizeLinear' }, 'y.scale', 'y.zero'],
        [{ kind: 'DequantizeLinear' }, 'y.scale', 'y.zero'],
      ],
      given: {
        w: [2, 3, 3, 3],
        'w.scale': fixed(...scales),
        'w.zero': zero,
        'x.scale': fixed(0.02),
        'x.zero': bytes('uint8', 120),
        'y.scale': fixed(0.05),
        'y.zero': bytes('uint8', 0),
      },
    });
    const training = trainingGraph(graph, { batch: 2, trainable: new Set(['x', 'w']), norms: 'frozen' });
    const feeds = {
      input: float32(DIMS, new Float32Array(COUNT)),
      targets: float32(
        [2, 32],
        Float32Array.from({ length: 64 }, (__, i) => Math.cos(i)),
      ),
      ...Object.fromEntries(
        training.parameters.map(({ name, dims }) => [
          name,
          float32(dims, graph.constants.get(name)!.read() as Float32Array),
        ]),
      ),
    };
    const found = [];
    for (const optimize of [true, false]) {
      const model = await runInProcess(training.encode({ name: 'test', version: '0' }), { optimize });
      found.push(await model.run(feeds));
      await model.close();
    }
    const [fused, plain] = found as [(typeof found)[number], (typeof found)[number]];
    for (const name of ['loss', 'logits', 'x.gradient', 'w.gradient']) {
      const size = Math.max(...floats(plain, name).map(Math.abs));
      expect(size, name).toBeGreaterThan(0.01);
      floats(fused, name).forEach((value, i) => {
        expect(Math.abs(value - floats(plain, name)[i]!), name).toBeLessThan(1e-4 * size);
      });
    }
  },
);
