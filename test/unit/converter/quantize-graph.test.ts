import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../converter/graph/graph.ts';
import type { Judge, Judgement } from '../../../converter/judge.ts';
import type { Covariance } from '../../../converter/quantize/covariance.ts';
import type { Calibrated } from '../../../converter/quantize/index.ts';
import { CORRECTIONS, type Correction } from '../../../converter/quantize/recipe.ts';
import { weightedLayers } from '../../../converter/quantize/weighted.ts';
import { quantizeGraph } from '../../../converter/quantize-graph.ts';
import { float32 } from '../../../src/tensor/tensor.ts';
import { BEST, calibrated, convertFile, raw } from './conversions.ts';
import { seededFile } from './networks.ts';
import { seededGraphs, statisticsOn } from './quantize/observed.ts';
import { normal } from './random.ts';

const graph = seededGraphs({ depths: [1, 1], inner: 4 }, 8).folded;

async function known(withCovariances = true): Promise<Calibrated> {
  const input = float32([4, 3, 8, 8], Float32Array.from({ length: 768 }, normal(1)));
  const covariances = new Map<string, Covariance>();
  for (const { name, channels, kernel, groups } of withCovariances ? weightedLayers(graph) : []) {
    const size = channels * kernel[0] * kernel[1];
    const blocks = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0.3));
    covariances.set(name, { size, blocksPerGroup: groups, blocks, samples: 100 });
  }
  return { statistics: await statisticsOn(graph, input), covariances };
}

/** A judge that says these in turn, and remembers what it judged. */
function scripted(decibels: readonly number[]): { readonly judge: Judge; readonly judged: readonly Graph[] } {
  const judged: Graph[] = [];
  const judge: Judge = async (candidate) => {
    judged.push(candidate);
    return { overall: { agreement: 1, sqnrDb: decibels[judged.length - 1]! }, each: [] };
  };
  return { judge, judged };
}

type Tried = {
  readonly steps: readonly (readonly [Correction | undefined, number, boolean])[];
  readonly judgement: Judgement;
  /** Place among the attempts of the one that was taken. */
  readonly chosen: number;
};

async function tried(decibels: readonly number[], pictures: number, withCovariances = true): Promise<Tried> {
  const corrections = CORRECTIONS.filter((name) => name !== 'equalize');
  const { judge, judged } = scripted(decibels);
  const result = await quantizeGraph(
    graph,
    await known(withCovariances),
    { ...BEST, corrections },
    judge,
    { pictures, stepwise: true },
    () => {},
  );
  const steps = result.steps.map(({ correction, sqnrDb, kept }) => [correction, sqnrDb, kept] as const);
  return { steps, judgement: result.judged.overall, chosen: judged.indexOf(result.graph) };
}

describe('corrections are tried in turn', () => {
  test('and kept while they gain', async () => {
    expect(await tried([20, 25, 26, 30], 64)).toEqual({
      steps: [
        [undefined, 20, true],
        ['bias', 25, true],
        ['streams', 26, true],
        ['rounding', 30, true],
      ],
      judgement: { agreement: 1, sqnrDb: 30 },
      chosen: 3,
    });
  });

  test('and one that makes the pictures worse is left out, of what follows too', async () => {
    expect(await tried([20, 25, 22, 30], 64)).toMatchObject({
      steps: [
        [undefined, 20, true],
        ['bias', 25, true],
        ['streams', 22, false],
        ['rounding', 30, true],
      ],
      chosen: 3,
    });
    const last = await tried([20, 25, 26, 21], 64);
    expect(last).toMatchObject({ judgement: { sqnrDb: 26 }, chosen: 2 });
    expect(last.steps.at(-1)).toEqual(['rounding', 21, false]);
  });

  test('where none helps, plain rounding stays', async () => {
    expect(await tried([20, 10, 10, 10], 64)).toMatchObject({ judgement: { sqnrDb: 20 }, chosen: 0 });
  });

  test('with few pictures a small loss may be chance, with many it is not', async () => {
    expect((await tried([20, 19, 21, 21], 16)).steps[1]).toEqual(['bias', 19, true]);
    expect((await tried([20, 19, 21, 21], 256)).steps[1]).toEqual(['bias', 19, false]);
  });

  test('without covariances rounding is not learned', async () => {
    const { steps } = await tried([20, 21, 22], 64, false);
    expect(steps.map(([correction]) => correction)).toEqual([undefined, 'bias', 'streams']);
  });
});

test('a step that is left out leaves no trace in the graph', async () => {
  const { judge, judged } = scripted([20, 10, 21]);
  const recipe = { ...BEST, corrections: ['bias', 'streams'] } as const;
  const { plan } = await quantizeGraph(graph, await known(), recipe, judge, { pictures: 64, stepwise: true }, () => {});
  const alone = scripted([20, 21]);
  const only = { ...BEST, corrections: ['streams'] } as const;
  const without = await quantizeGraph(
    graph,
    await known(),
    only,
    alone.judge,
    { pictures: 64, stepwise: true },
    () => {},
  );
  expect(plan).toEqual(without.plan);
  expect(judged).toHaveLength(3);
});

test('a conversion reports every step, and ends with the best of them on pictures that it held back', async () => {
  const preprocessing = raw(16);
  const seeds = Array.from({ length: 32 }, (_, i) => 300 + i);
  const progress: (readonly [number, number])[] = [];
  const { int8 } = await convertFile(seededFile({ depths: [2, 1] }), preprocessing, {
    int8: calibrated(preprocessing, BEST, seeds),
    onProgress: (stage, done, total) => stage === 'quantize' && progress.push([done, total]),
  });
  const { steps, judgement, layers } = int8!;
  expect(steps.map(({ correction }) => correction)).toEqual([undefined, 'equalize', 'bias', 'streams', 'rounding']);
  expect(judgement).toMatchObject({ pictures: 8, generated: false });
  const { agreement, sqnrDb } = steps.findLast(({ kept }) => kept)!;
  expect(judgement).toMatchObject({ agreement, sqnrDb });
  expect(layers.at(-1)!.sqnrDb).toBeCloseTo(sqnrDb, 6);
  expect(judgement.sqnrDb).toBeGreaterThan(steps[0]!.sqnrDb);
  expect(progress).toEqual([
    [0, 5],
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 5],
  ]);
});
