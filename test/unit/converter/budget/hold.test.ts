import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { batches } from '../../../../converter/batch.ts';
import { partsOf } from '../../../../converter/budget/parts.ts';
import type { ConvertOptions } from '../../../../converter/conversion.ts';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { applyPasses, FOLD, inputPasses } from '../../../../converter/passes/index.ts';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { applyPlan } from '../../../../converter/quantize/apply.ts';
import { keepInFloat } from '../../../../converter/quantize/kept.ts';
import { SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { parseTable } from '../../../../converter/quantize/table.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { fidelity, indexOfLargest } from '../../../../src/tensor/fidelity.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';
import { type Converted, calibrated, classic, convertFile, largestDifference, pictures, raw } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { executedOps, logitsOf } from '../runner.ts';

const bundled = (file: string): URL => new URL(`../../../../models/resnet20-cifar10/${file}`, import.meta.url);
const weights = new Uint8Array(readFileSync(bundled('resnet20-cifar10.safetensors')));
const { statistics } = parseTable(readFileSync(bundled('calibration.json'), 'utf8'));
const preprocessing = raw(32);
const input = modelInput(probePicture(32, 1), preprocessing);

type Int8 = NonNullable<ConvertOptions['int8']>;

function convertWith(scheme: SchemeName, more: Omit<Int8, 'recipe' | 'calibration'>): Promise<Converted> {
  const recipe = { scheme: SCHEMES[scheme], method: 'auto', corrections: ['bias', 'streams'] } as const;
  return convertFile(weights, preprocessing, {
    int8: { recipe, calibration: { kind: 'table', statistics }, stepwise: false, ...more },
  });
}

/** Generated pictures as one batch. */
async function batchOf(seeds: readonly number[]): Promise<Tensor> {
  for await (const batch of batches(pictures(preprocessing, seeds), 1)) return batch;
  throw new Error('expected pictures');
}

describe('ResNet-20, 34 dB asked for', () => {
  let float: Converted;
  let mixed: Converted;
  beforeAll(async () => {
    float = await convertFile(weights, preprocessing);
    mixed = await convertWith('u8s8-safe', { budget: { sqnrDb: 34 } });
  });

  test('keeps a few parts in float until the budget holds, on every picture that judged it', () => {
    const { budget, judgement, plan, layers } = mixed.int8!;
    expect(budget).toMatchObject({ reached: true, budget: { sqnrDb: 34 } });
    expect(budget!.plain.sqnrDb).toBeLessThan(34);
    for (const figures of [budget!.search, budget!.proof]) expect(figures!.sqnrDb).toBeGreaterThanOrEqual(34);
    expect([budget!.search!.pictures, budget!.proof!.pictures]).toEqual([8, 8]);
    expect(judgement.sqnrDb).toBeGreaterThanOrEqual(34);
    expect(layers.at(-1)!.sqnrDb).toBeCloseTo(judgement.sqnrDb, 6);
    expect(budget!.kept.length).toBeGreaterThan(0);
    expect(budget!.kept.length).toBeLessThan(12);
    expect(new Set(plan.kept.values())).toEqual(new Set(['kept in float: budget']));
    for (const name of plan.kept.keys()) expect(plan.layers.has(name)).toBe(false);
  });

  test('is nearer to FP32 than the plain model, on other pictures too', async () => {
    const others = await batchOf(Array.from({ length: 24 }, (_, i) => 500 + i));
    const expected = await logitsOf(float.model, others);
    const against = async (model: Uint8Array): Promise<number> => {
      const compared = fidelity();
      compared.add(expected, await logitsOf(model, others));
      return compared.sqnrDb();
    };
    expect(await against(mixed.model)).toBeGreaterThan((await against(concat(mixed.int8!.plain!))) + 0.5);
  });

  test('computes what is kept in float and everything else in integers', async () => {
    const names = [...mixed.int8!.plan.kept.keys()];
    const additions = names.filter((name) => name.endsWith('.add')).length;
    const convolutions = names.filter((name) => name !== 'fc').length - additions;
    const ops = await executedOps(mixed.model, input);
    expect(ops).toMatchObject({ QLinearConv: 21 - convolutions, QLinearAdd: 9 - additions });
    expect(ops['Conv'] ?? 0).toBe(convolutions);
    expect(ops['Add'] ?? 0).toBe(additions);
  });

  test('gives fused what the arithmetic says that the file spells out', async () => {
    const some = await batchOf([1, 2, 3, 4]);
    const compared = fidelity();
    compared.add(await logitsOf(mixed.model, some, 'disabled'), await logitsOf(mixed.model, some));
    expect(compared.sqnrDb()).toBeGreaterThan(36);
  });
});

test('4-bit weights are widened before anything is computed in float', async () => {
  const { int8, model } = await convertWith('u8s4', { budget: { sqnrDb: 22 } });
  const { kept } = int8!.budget!;
  expect(new Set(kept.map(({ precision }) => precision))).toEqual(new Set(['wider']));
  expect(kept.length).toBeLessThan(21);
  expect(int8!.judgement.sqnrDb).toBeGreaterThanOrEqual(22);
  const { initializers } = decodeModel(model).graph;
  for (const [name, { bits }] of int8!.plan.layers) {
    expect(bits).toBe(kept.some((part) => part.name === name) ? 8 : 4);
    expect(initializers.find((tensor) => tensor.name === `${name}.weight`)?.dtype).toBe(bits === 8 ? 'int8' : 'int4');
  }
  expect(await executedOps(model, input)).toMatchObject({ QLinearConv: 21, QLinearAdd: 9, QGemm: 1 });
});

describe('a small network', () => {
  const size = raw(16);
  const file = seededFile({ depths: [1, 1], stem: { kind: 'cifar', width: 8 } });
  const SEEDS = Array.from({ length: 16 }, (_, i) => 100 + i);
  const convertSmall = (more: Omit<Int8, 'recipe' | 'calibration'>, scheme: SchemeName = 'u8s8-safe') =>
    convertFile(file, size, {
      int8: {
        recipe: { scheme: SCHEMES[scheme], method: 'auto', corrections: ['bias'] },
        calibration: { kind: 'pictures', inputs: pictures(size, SEEDS), count: SEEDS.length },
        stepwise: false,
        ...more,
      },
    });
  let plain: Converted;
  let asked: number;
  beforeAll(async () => {
    plain = await convertSmall({});
    asked = plain.int8!.judgement.sqnrDb + 3;
  });

  test('gives the same bytes again, and hands out the plain model beside them', async () => {
    const [a, b] = [
      await convertSmall({ budget: { sqnrDb: asked } }),
      await convertSmall({ budget: { sqnrDb: asked } }),
    ];
    expect(a.int8!.budget!.kept.length).toBeGreaterThan(0);
    expect(a.model).toEqual(b.model);
    expect(concat(a.int8!.plain!)).toEqual(plain.model);
  });

  test('with a budget that holds already is the plain model', async () => {
    const { int8, model } = await convertSmall({ budget: { sqnrDb: asked - 4, agreement: 0.5 } });
    expect(int8!.budget).toMatchObject({ reached: true, kept: [] });
    expect(int8!.plain).toBeUndefined();
    expect(model).toEqual(plain.model);
  });

  test('with a budget out of reach is the plain model, and says how near it can come', async () => {
    const { int8, model } = await convertSmall({ budget: { sqnrDb: 150 } });
    expect(int8!.budget).toMatchObject({ reached: false, kept: [] });
    expect(int8!.budget!.search!.sqnrDb).toBeGreaterThan(asked);
    expect(model).toEqual(plain.model);
  });

  test('keeps what labelled pictures ask for, judged on those and calibrated on all of the others', async () => {
    const float = await convertFile(file, size);
    const seeds = [...Array(40).keys()];
    const answers: number[] = [];
    for await (const picture of pictures(size, seeds))
      answers.push(indexOfLargest(await logitsOf(float.model, picture)));
    // Every picture is what FP32 says: what does not agree is lost.
    const { int8 } = await convertSmall(
      { judgedOn: pictures(size, seeds), classOf: (place) => answers[place]!, budget: { sqnrDb: 30, drop: 5 } },
      'u8s4',
    );
    const { plain: before, search, proof, reached } = int8!.budget!;
    expect(before.drop).toBeCloseTo(100 * (1 - before.agreement), 6);
    expect(reached).toBe(true);
    expect(int8!.judgement).toMatchObject({ pictures: 40, generated: false });
    expect([search!.pictures, proof!.pictures]).toEqual([20, 20]);
    expect(Math.max(search!.drop!, proof!.drop!)).toBeLessThanOrEqual(5);
    expect(Math.min(search!.sqnrDb, proof!.sqnrDb)).toBeGreaterThanOrEqual(30);
    expect(int8!.statistics.get('relu')!.count).toBe((plain.int8!.statistics.get('relu')!.count * 16) / 12);
  });
});

test.each<readonly [string, Preprocessing]>([
  ['bytes', raw(16)],
  ['a float input', classic(16)],
])('fed %s, a network kept in float throughout is FP32', async (_, of) => {
  const file = seededFile({ depths: [1, 1], stem: { kind: 'imagenet', width: 8 } });
  const float = await convertFile(file, of);
  const graph = applyPasses(applyPasses(readNetwork(file, 'auto').build(16), FOLD), inputPasses(of, true));
  const { int8 } = await convertFile(file, of, { int8: calibrated(of) });
  const kept = new Map(partsOf(graph).flatMap(({ nodes }) => nodes.map((name) => [name, 'all'] as const)));
  const whole = applyPlan(graph, keepInFloat(graph, int8!.plan, kept));
  expect(whole.nodes.some(({ op }) => op.kind === 'QuantizeLinear')).toBe(false);
  const picture = modelInput(probePicture(16, 3), of);
  const found = await logitsOf(concat(encodeGraph(whole, { producer: { name: 'test', version: '0' } })), picture);
  expect(largestDifference(found, await logitsOf(float.model, picture))).toBeLessThan(1e-4);
});
