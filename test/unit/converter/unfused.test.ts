import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../converter/graph/graph.ts';
import { judgeOn } from '../../../converter/judge.ts';
import { applyPlan } from '../../../converter/quantize/apply.ts';
import { planQuantization } from '../../../converter/quantize/index.ts';
import { keepInFloat } from '../../../converter/quantize/kept.ts';
import type { QuantizationPlan } from '../../../converter/quantize/plan.ts';
import { SCHEMES } from '../../../converter/quantize/scheme.ts';
import { unfusedNodes } from '../../../converter/unfused.ts';
import { runModel } from '../../../src/node/backend/runner.ts';
import { float32 } from '../../../src/tensor/tensor.ts';
import { SAFE } from './conversions.ts';
import { producer, seededGraphs, statisticsOn } from './quantize/observed.ts';
import { normal } from './random.ts';
import { runInProcess } from './runner.ts';

const SIZE = 32;
const graph = seededGraphs({ depths: [1, 1], stem: { kind: 'imagenet', width: 8 } }, SIZE).folded;
const input = float32([2, 3, SIZE, SIZE], Float32Array.from({ length: 6 * SIZE * SIZE }, normal(1)));
const statistics = await statisticsOn(graph, input);
const planned = (scheme: keyof typeof SCHEMES) =>
  planQuantization(graph, { statistics, covariances: new Map() }, { ...SAFE, scheme: SCHEMES[scheme] });
const plan = planned('u8s8-safe');

async function unfusedOf(quantized: Graph, plan: QuantizationPlan): Promise<readonly string[]> {
  const { executed } = await judgeOn([], [], producer, runModel, { explain: true })(quantized);
  return unfusedNodes(executed!, plan);
}

describe('nodes that were meant to run in integers', () => {
  test('all do, as a conversion writes them', async () => {
    expect(await unfusedOf(applyPlan(graph, plan), plan)).toEqual([]);
  });

  test('a layer whose bias has another scale does not, and is named', async () => {
    const quantized = applyPlan(graph, plan);
    const name = 'layer1.0.conv2.bias.scale';
    const scales = quantized.constants.get(name)!;
    const other = Float32Array.from(scales.read() as Float32Array, (scale) => scale * 1.5);
    const constants = new Map([
      ...quantized.constants,
      [name, { dtype: 'float32', dims: scales.dims, read: () => other }],
    ]);
    const unfused = await unfusedOf({ ...quantized, constants } as typeof quantized, plan);
    expect(unfused).toEqual(['layer1.0.conv2']);
  });

  test('none do in a scheme that processors have no kernels for', async () => {
    const wide = planned('u16s8');
    const unfused = await unfusedOf(applyPlan(graph, wide), wide);
    expect(unfused).toEqual(expect.arrayContaining([...wide.layers.keys(), 'layer1.0.add', 'maxpool']));
  });

  test('what a plan keeps in float does not count', async () => {
    const mixed = keepInFloat(graph, plan, new Map([['layer2.0.conv1', 'to see']]));
    expect(mixed.layers.has('layer2.0.conv1')).toBe(false);
    expect(await unfusedOf(applyPlan(graph, mixed), mixed)).toEqual([]);
  });

  test('are not known where the runtime does not tell', async () => {
    const judge = judgeOn([], [], producer, runInProcess, { explain: true });
    expect(await judge(applyPlan(graph, plan))).not.toHaveProperty('executed');
  });
});
