import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { viewOf } from '../../../../converter/graph/view.ts';
import { type Covariance, covarianceCollector } from '../../../../converter/quantize/covariance.ts';
import {
  type Equalization,
  equalizeCovariances,
  equalizeGraph,
  equalizeStatistics,
  seamsOf,
} from '../../../../converter/quantize/equalize.ts';
import { storageNoise } from '../../../../converter/quantize/noise.ts';
import { chooseRange, type Range } from '../../../../converter/quantize/range.ts';
import { CORRECTIONS, type Correction } from '../../../../converter/quantize/recipe.ts';
import { SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { weightedLayers } from '../../../../converter/quantize/weighted.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { BEST, type Converted, calibrated, convertFile, largestDifference, raw } from '../conversions.ts';
import { type NamedTensors, seededFile, type Wanted } from '../networks.ts';
import { normal, uniform } from '../random.ts';
import { runInProcess } from '../runner.ts';
import { floatsOf, seededGraphs, statisticsOn, valuesOf } from './observed.ts';

const SIZE = 16;
const input = float32([8, 3, SIZE, SIZE], Float32Array.from({ length: 8 * 3 * SIZE * SIZE }, normal(1)));

const networks: readonly (readonly [string, Wanted, readonly string[]])[] = [
  ['basic blocks', { depths: [1, 1] }, ['layer1.0.relu1', 'layer2.0.relu1']],
  [
    'bottlenecks',
    { block: 'bottleneck', depths: [1, 1], inner: 4 },
    ['layer1.0.relu1', 'layer1.0.relu2', 'layer2.0.relu1', 'layer2.0.relu2'],
  ],
  [
    'grouped convolutions',
    { block: 'bottleneck', depths: [1], inner: 8, expansion: 2, groups: 4 },
    ['layer1.0.relu1', 'layer1.0.relu2'],
  ],
];

/** Factors from 1/64 to 64 for every value that takes some. */
function drawn(graph: Graph, exponent = 6): Equalization {
  const random = uniform(5);
  return new Map(
    seamsOf(viewOf(graph)).map(({ value, maker }) => {
      const channels = graph.constants.get(maker.inputs[1] ?? '')?.dims[0] ?? 0;
      return [value, Float64Array.from({ length: channels }, () => 2 ** ((2 * random() - 1) * exponent))] as const;
    }),
  );
}

describe.each(networks)('a network of %s, its channels multiplied,', (_, wanted, values) => {
  const { folded } = seededGraphs(wanted, SIZE);
  const factors = drawn(folded);
  const rescaled = equalizeGraph(folded, factors);

  test('takes factors inside its blocks alone, where one layer reads them', () => {
    expect(seamsOf(viewOf(folded)).map(({ value }) => value)).toEqual(values);
  });

  test('gives the same logits within 1e-5', async () => {
    const [a, b] = [await logitsOf(folded), await logitsOf(rescaled)];
    expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.1);
    expect(largestDifference(a, b)).toBeLessThan(1e-5);
  });

  test('has inside what its factors say, and other values as they were', async () => {
    const names = folded.nodes.map(({ name }) => name).filter((name) => name !== 'fc');
    const [before, after] = [await valuesOf(folded, { input }, names), await valuesOf(rescaled, { input }, names)];
    for (const name of names.filter((value) => /relu|add/.test(value))) {
      const [a, b] = [floatsOf(before[name]), floatsOf(after[name])];
      const [, channels = 1, height = 1, width = 1] = before[name]!.dims;
      const of = (i: number): number => factors.get(name)?.[Math.floor(i / (height * width)) % channels] ?? 1;
      const expected = a.map((value, i) => value * of(i));
      expect(largestDifference(b, expected), name).toBeLessThan(1e-4 * Math.max(1, ...expected));
    }
  });

  test('has the statistics that the rescaled network shows', async () => {
    const guessed = equalizeStatistics(await statisticsOn(folded, input), factors);
    const seen = await statisticsOn(rescaled, input);
    for (const value of values) {
      const [a, b] = [guessed.get(value)!, seen.get(value)!];
      expect(a.max / b.max).toBeCloseTo(1, 4);
      for (const key of ['min', 'max', 'mean', 'power'] as const) {
        for (const [c, exact] of b.channels[key].entries()) {
          expect(Math.abs(a.channels[key][c]! - exact), `${key} of ${value}`).toBeLessThan(1e-4 * (exact + 1e-6));
        }
      }
      // The histogram is drawn from a model: a range chosen by it is nearly as good as one chosen by the true one.
      const noiseOf = ({ min, max }: Range): number => {
        const { rounding, clipping } = storageNoise(b, min, max, 255);
        return rounding + clipping;
      };
      const range = { method: 'mse', steps: 255, symmetric: false } as const;
      const [found, best] = [noiseOf(chooseRange(a, range)), noiseOf(chooseRange(b, range))];
      expect(10 * Math.log10(found / best), value).toBeLessThan(1);
    }
  });

  test('has the covariances that the rescaled network shows', async () => {
    const gentle = drawn(folded, 1);
    const [before, after] = [await covariancesOf(folded), await covariancesOf(equalizeGraph(folded, gentle))];
    const guessed = equalizeCovariances(folded, before, gentle);
    for (const [name, { blocks }] of after) {
      const peak = Math.max(...blocks);
      expect(
        largestDifference(Float32Array.from(guessed.get(name)!.blocks), Float32Array.from(blocks)) / peak,
        name,
      ).toBeLessThan(1e-4);
    }
  });
});

async function logitsOf(graph: Graph): Promise<Float32Array> {
  const [name = ''] = graph.outputs;
  return floatsOf((await valuesOf(graph, { input }, [name]))[name]);
}

async function covariancesOf(graph: Graph): Promise<ReadonlyMap<string, Covariance>> {
  const layers = weightedLayers(graph).filter(({ name }) => name !== 'fc');
  const values = {
    input,
    ...(await valuesOf(
      graph,
      { input },
      graph.nodes.map(({ name }) => name),
    )),
  };
  const of = (layer: { readonly input: string }) => {
    const value = values[layer.input as 'input'];
    return value?.dtype === 'float32' ? value : undefined;
  };
  const collector = covarianceCollector(layers, 64, of, runInProcess);
  try {
    await collector.add(values);
    return await collector.finish();
  } finally {
    await collector.close();
  }
}

/** Multiplies the channels inside every block by 10^U(-1, 1); the network computes what it did. */
function spread(tensors: NamedTensors): void {
  const random = uniform(9);
  const multiply = (name: string, factorOf: (index: number) => number): void => {
    const { dims, data } = tensors.get(name)!;
    tensors.set(name, { dims, data: data.map((value, i) => value * factorOf(i)) });
  };
  for (const [name, { dims }] of [...tensors]) {
    const [, block] = /^(layer\d\.\d)\.bn1\.weight$/.exec(name) ?? [];
    if (block === undefined) continue;
    const factors = Array.from({ length: dims[0] ?? 0 }, () => 10 ** (2 * random() - 1));
    multiply(`${block}.bn1.weight`, (i) => factors[i]!);
    multiply(`${block}.bn1.bias`, (i) => factors[i]!);
    multiply(`${block}.conv2.weight`, (i) => 1 / factors[Math.floor(i / 9) % factors.length]!);
  }
}

describe('a network whose channels are spread over two decades', () => {
  const preprocessing = raw(SIZE);
  const file = seededFile({ depths: [2, 1], inner: 16 }, 1, spread);
  const seeds = Array.from({ length: 48 }, (_, i) => 300 + i);
  const without = CORRECTIONS.filter((name) => name !== 'equalize');
  const converted = (
    corrections: readonly Correction[] = CORRECTIONS,
    scheme: SchemeName = 'u8s8-safe',
  ): Promise<Converted> =>
    convertFile(file, preprocessing, {
      int8: calibrated(preprocessing, { ...BEST, corrections, scheme: SCHEMES[scheme] }, seeds),
    });

  test.each(['u8s8-safe', 's8s8'] as const)(
    'gains 3 dB and more by equalization, which is reported, by %s',
    async (scheme) => {
      const [plain, equal] = [await converted(without, scheme), await converted(CORRECTIONS, scheme)];
      expect(equal.int8!.judgement.sqnrDb).toBeGreaterThan(plain.int8!.judgement.sqnrDb + 3);
      const [before, step] = equal.int8!.steps;
      expect(step).toMatchObject({ correction: 'equalize', kept: true });
      expect(step!.sqnrDb).toBeGreaterThan(before!.sqnrDb + 3);
      expect(equal.int8!.plan.equalized.size).toBe(3);
      // Rescaled values are compared as the network had them.
      const inner = equal.int8!.layers.filter(({ name }) => equal.int8!.plan.equalized.has(name));
      expect(inner).toHaveLength(3);
      for (const { name, sqnrDb } of inner) expect(sqnrDb, name).toBeGreaterThan(25);
    },
  );

  test('gains by it without pictures too', async () => {
    const free = (corrections: readonly Correction[] = CORRECTIONS): Promise<Converted> =>
      convertFile(file, preprocessing, { int8: { recipe: { ...BEST, corrections }, calibration: { kind: 'none' } } });
    const [plain, equal] = [await free(without), await free()];
    expect(equal.int8!.corrections).toContain('equalize');
    expect(equal.int8!.judgement.sqnrDb).toBeGreaterThan(plain.int8!.judgement.sqnrDb + 0.5);
  });

  test('gives the same bytes each time, and no value of the file bears a name under which it was another', async () => {
    const [a, b] = [await converted(), await converted()];
    expect(a.model).toEqual(b.model);
    const made = decodeModel(a.model).graph.nodes.flatMap(({ outputs }) => outputs);
    for (const value of a.int8!.plan.equalized.keys()) {
      expect(made).not.toContain(value);
      expect(made).toContain(`${value}.equalized`);
    }
  });

  test('keeps equalization only where it gains when corrections are not tried one by one', async () => {
    const quick = async (edit?: typeof spread): Promise<Converted> =>
      convertFile(seededFile({ depths: [2, 1], inner: 16 }, 1, edit), preprocessing, {
        int8: { ...calibrated(preprocessing, { ...BEST, method: 'minmax' }, seeds), stepwise: false },
      });
    expect((await quick(spread)).int8!.corrections).toEqual(CORRECTIONS);
    const { corrections, plan } = (await quick()).int8!;
    expect(corrections.includes('equalize')).toBe(plan.equalized.size > 0);
  });
});

test('dead channels and constants shared between layers are left as they are', () => {
  const { folded } = seededGraphs({ depths: [1, 1] }, SIZE);
  const shared = folded.nodes.map((node) =>
    node.name === 'layer1.0.conv2' ? { ...node, inputs: [node.inputs[0]!, 'layer1.0.conv1.weight'] } : node,
  );
  expect(seamsOf(viewOf({ ...folded, nodes: shared })).map(({ value }) => value)).toEqual(['layer2.0.relu1']);
});
