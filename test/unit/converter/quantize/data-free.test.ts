import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { dataFreeStatistics } from '../../../../converter/quantize/data-free.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import { fidelity } from '../../../../src/tensor/fidelity.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { BEST, classic, convertFile, pictures, raw } from '../conversions.ts';
import { architecture, type NamedTensors, safetensorsOf, seededFile, seededTensors, type Wanted } from '../networks.ts';
import { normal } from '../random.ts';
import { logitsOf } from '../runner.ts';
import { floatsOf, statisticsOn, valuesOf } from './observed.ts';

const SIZE = 16;

function graphOf(tensors: NamedTensors): Graph {
  const { architecture: found, weights } = readNetwork(safetensorsOf(tensors), 'auto');
  return buildGraph(found, weights.tensors, SIZE);
}

/** A seeded network whose batch norms have the moments of its own activations on an input, as training leaves them. */
async function settled(wanted: Wanted, seed: number, input: Tensor): Promise<Graph> {
  const tensors = seededTensors(architecture(wanted), seed);
  const norms = graphOf(tensors).nodes.filter(({ op }) => op.kind === 'BatchNormalization');
  for (const {
    name,
    inputs: [conv = ''],
  } of norms) {
    const value = (await valuesOf(graphOf(tensors), { input }, [conv]))[conv]!;
    const data = floatsOf(value);
    const [batch = 1, channels = 1, height = 1, width = 1] = value.dims;
    const mean = new Float32Array(channels);
    const variance = new Float32Array(channels);
    const of = (c: number): readonly number[] =>
      Array.from({ length: batch }, (_, n) => [
        ...data.subarray((n * channels + c) * height * width, (n * channels + c + 1) * height * width),
      ]).flat();
    for (let c = 0; c < channels; c++) {
      const values = of(c);
      mean[c] = values.reduce((sum, v) => sum + v, 0) / values.length;
      variance[c] = values.reduce((sum, v) => sum + (v - mean[c]!) ** 2, 0) / values.length;
    }
    tensors.set(`${name}.running_mean`, { dims: [channels], data: mean });
    tensors.set(`${name}.running_var`, { dims: [channels], data: variance });
  }
  return graphOf(tensors);
}

const draw = normal(3);
const input = float32([16, 3, SIZE, SIZE], Float32Array.from({ length: 16 * 3 * SIZE * SIZE }, draw));

/** As timm's ResNet-D: an average has the shortcut's stride. */
const POOLED: Wanted = { depths: [1, 2], inner: 8, shortcut: { kind: 'projection', name: 'downsample', pooled: true } };

const GATED: readonly (readonly [string, Wanted])[] = [
  ['squeeze-and-excitation', { depths: [1, 2], inner: 8, attention: { kind: 'squeeze-excite', reduced: [8, 16] } }],
  ['efficient channel attention', { depths: [1, 2], inner: 8, attention: { kind: 'efficient', kernels: [3, 3] } }],
];

/** Mean over channels of the squares. */
function meanSquare(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

describe.each<readonly [string, Wanted]>([
  ['projections', { depths: [1, 2], inner: 8 }],
  ['parameter-free shortcuts', { depths: [2, 1], inner: 8, shortcut: { kind: 'pad' } }],
  ['bottlenecks', { block: 'bottleneck', depths: [1, 1], inner: 8 }],
  ['pooled shortcuts', POOLED],
])('statistics from batch norm alone, of a network with %s', (_, wanted) => {
  test('are those of the network on inputs that its batch norms know', async () => {
    const trained = await settled(wanted, 1, input);
    const folded = applyPasses(trained, FOLD);
    const names = folded.nodes.map(({ name }) => name).filter((name) => !/avgpool|flatten|fc|pool$/.test(name));
    const guessed = dataFreeStatistics(trained, names);
    const seen = await statisticsOn(folded, input);
    for (const name of names) {
      const [a, b] = [guessed.get(name)!, seen.get(name)!];
      const deviation = Math.sqrt(
        meanSquare(b.channels.power.map((power, c) => Math.sqrt(power - b.channels.mean[c]! ** 2))),
      );
      const shift = Math.sqrt(meanSquare(b.channels.mean.map((mean, c) => mean - a.channels.mean[c]!)));
      expect(shift / deviation, `mean of ${name}`).toBeLessThan(0.15);
      const power = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);
      const ratio = power(a.channels.power) / power(b.channels.power);
      expect(Math.abs(ratio - 1), `power of ${name}`).toBeLessThan(0.15);
      expect(Math.abs(a.histogram.zeros / a.count - b.histogram.zeros / b.count), `zeros of ${name}`).toBeLessThan(
        0.03,
      );
      // Tails are heavier than a normal distribution's, as real activations' are.
      expect(a.max / b.max, `end of ${name}`).toBeGreaterThan(0.8);
      expect(a.max / b.max, `end of ${name}`).toBeLessThan(4);
    }
  });

  test('hold every mean that the head sees', async () => {
    const trained = await settled(wanted, 1, input);
    const guessed = dataFreeStatistics(trained, ['flatten']).get('flatten')!;
    const { channels } = (await statisticsOn(applyPasses(trained, FOLD), input)).get('flatten')!;
    for (const [c, mean] of channels.mean.entries()) {
      expect(channels.max[c]).toBeLessThan(guessed.channels.max[c]!);
      expect(Math.abs(guessed.channels.mean[c]! - mean)).toBeLessThan(0.15 + 0.15 * mean);
    }
  });

  test('are the same at every run', async () => {
    const trained = await settled(wanted, 2, input);
    expect(dataFreeStatistics(trained, ['relu', 'flatten'])).toEqual(dataFreeStatistics(trained, ['relu', 'flatten']));
  });
});

test('a pooled shortcut keeps its means, and its range holds what is seen', async () => {
  const trained = await settled(POOLED, 1, input);
  const name = 'layer2.0.downsample.pool';
  const guessed = dataFreeStatistics(trained, [name]).get(name)!;
  const seen = (await statisticsOn(applyPasses(trained, FOLD), input)).get(name)!;
  for (const [c, mean] of seen.channels.mean.entries()) {
    const deviation = Math.sqrt(seen.channels.power[c]! - mean ** 2);
    expect(Math.abs(guessed.channels.mean[c]! - mean) / deviation).toBeLessThan(0.4);
    expect(guessed.channels.power[c]! - guessed.channels.mean[c]! ** 2).toBeGreaterThan(deviation ** 2);
    expect(guessed.channels.max[c]!).toBeGreaterThan(seen.channels.max[c]!);
  }
});

describe.each(GATED)('a network with %s', (_, wanted) => {
  test('has ranges that hold what is seen, and are not much wider behind its gates', async () => {
    const trained = await settled(wanted, 1, input);
    const folded = applyPasses(trained, FOLD);
    const names = folded.nodes.map(({ name }) => name);
    const guessed = dataFreeStatistics(trained, names);
    const seen = await statisticsOn(folded, input);
    for (const name of names) {
      const [a, b] = [guessed.get(name)!, seen.get(name)!];
      expect(a.max, name).toBeGreaterThan(0.8 * b.max);
      expect(a.min, name).toBeLessThanOrEqual(0.8 * Math.min(0, b.min) + (name.endsWith('.gate') ? 1 : 0));
      if (/\.gate$/.test(name)) expect([a.min > 0, a.max < 1]).toEqual([true, true]);
      if (/(\.mul|add|relu)$/.test(name)) expect((a.max - a.min) / (b.max - b.min), name).toBeLessThan(4);
    }
  });

  test('in INT8 without pictures follows FP32', async () => {
    const file = seededFile(wanted);
    const int8 = { recipe: BEST, calibration: { kind: 'none' } } as const;
    const { int8: result } = await convertFile(file, raw(SIZE), { int8 });
    expect(result!.judgement.sqnrDb).toBeGreaterThan(18);
  });
});

describe('a conversion without pictures', () => {
  test.each<readonly [string, Preprocessing]>([
    ['bytes', raw(SIZE)],
    ['float NCHW', classic(SIZE)],
    ['float NHWC', classic(SIZE, { layout: 'nhwc' })],
  ])('fed %s, gives a model that follows FP32', async (_, preprocessing) => {
    const file = seededFile({ depths: [1, 1] });
    const int8 = { recipe: BEST, calibration: { kind: 'none' } } as const;
    const { model, int8: result } = await convertFile(file, preprocessing, { int8 });
    expect(result!.judgement).toMatchObject({ pictures: 16, generated: true });
    expect(result!.steps.map(({ correction }) => correction)).toEqual([undefined, 'equalize', 'bias', 'streams']);
    expect(result!.judgement.sqnrDb).toBeGreaterThan(20);
    const float = await convertFile(file, preprocessing);
    const compared = fidelity();
    for await (const picture of pictures(preprocessing, [61, 62, 63, 64])) {
      compared.add(await logitsOf(float.model, picture), await logitsOf(model, picture));
    }
    expect(compared.sqnrDb()).toBeGreaterThan(20);
  });
});
