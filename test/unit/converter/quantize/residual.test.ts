import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { applyPlan } from '../../../../converter/quantize/apply.ts';
import { planQuantization } from '../../../../converter/quantize/index.ts';
import { storageNoise } from '../../../../converter/quantize/noise.ts';
import { type NoiseGains, noiseGains, totalGain } from '../../../../converter/quantize/noise-gain.ts';
import type { ActivationPlan, QuantizationPlan } from '../../../../converter/quantize/plan.ts';
import type { Correction } from '../../../../converter/quantize/recipe.ts';
import { activationLimits, SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import type { Statistics } from '../../../../converter/quantize/statistics.ts';
import { quantizedName } from '../../../../converter/quantize/stored.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { SAFE } from '../conversions.ts';
import type { Wanted } from '../networks.ts';
import { normal } from '../random.ts';
import { executedOps, runInProcess } from '../runner.ts';
import { producer, seededGraphs, statisticsOn } from './observed.ts';

const SIZE = 16;

function pictures(count: number, seed: number): Tensor<'float32'> {
  const draw = normal(seed);
  return float32([count, 3, SIZE, SIZE], Float32Array.from({ length: count * 3 * SIZE * SIZE }, draw));
}

type Addition = { readonly operands: readonly string[]; readonly sum: string; readonly tied: boolean };

/** Every Add, the stored value that its sum becomes, and whether all three have one scale. */
function additions(graph: Graph, { activations }: QuantizationPlan): readonly Addition[] {
  return graph.nodes
    .filter(({ op }) => op.kind === 'Add')
    .map(({ name, inputs }) => {
      const sum = activations.has(name) ? name : graph.nodes.find((node) => node.inputs[0] === name)!.name;
      const scale = activations.get(sum)!.scale;
      return { operands: inputs, sum, tied: inputs.every((input) => activations.get(input)!.scale === scale) };
    });
}

type Planned = { readonly graph: Graph; readonly statistics: Statistics };

async function seen(wanted: Wanted, seed: number): Promise<Planned> {
  const graph = seededGraphs(wanted, SIZE, seed).folded;
  return { graph, statistics: await statisticsOn(graph, pictures(6, seed)) };
}

function planned(
  { graph, statistics }: Planned,
  corrections: readonly Correction[],
  scheme: SchemeName = 'u8s8',
  method: 'mse' | 'minmax' = 'mse',
): QuantizationPlan {
  const recipe = { ...SAFE, scheme: SCHEMES[scheme], method, corrections };
  return planQuantization(graph, { statistics, covariances: new Map() }, recipe);
}

/** Expected noise power of the logits from storing activations; a tied sum rounds nothing, but clips. */
function predictedNoise(
  { graph, statistics }: Planned,
  plan: QuantizationPlan,
  gains: NoiseGains,
  scheme: SchemeName,
): number {
  const [low, high] = activationLimits(SCHEMES[scheme]);
  const exact = new Set(additions(graph, plan).flatMap(({ sum, tied }) => (tied ? [sum] : [])));
  let total = 0;
  for (const [value, { scale, zeroPoint, sharesWith }] of plan.activations) {
    const { histogram, count } = statistics.get(value) ?? {};
    if (sharesWith !== undefined || histogram === undefined || count === undefined) continue;
    const range = [(low - zeroPoint) * scale, (high - zeroPoint) * scale] as const;
    const { rounding, clipping } = storageNoise(statistics.get(value)!, ...range, high - low);
    total += totalGain(gains, value) * (clipping + (exact.has(value) ? 0 : rounding));
  }
  return total;
}

const networks: readonly (readonly [string, Wanted])[] = [
  ['projections', { depths: [3, 3], inner: 8 }],
  ['parameter-free shortcuts', { depths: [3, 3], inner: 8, shortcut: { kind: 'pad' } }],
  ['bottlenecks and a pool', { block: 'bottleneck', depths: [2, 2], inner: 8, stem: { kind: 'imagenet', width: 8 } }],
];

describe.each(networks)('%s', (_, wanted) => {
  test.each(['u8s8', 's8s8'] as const)(
    '%s: an addition at one scale adds the stored integers exactly',
    async (scheme) => {
      const network = await seen(wanted, 1);
      const plan = planned(network, ['streams'], scheme);
      const [low, high] = activationLimits(SCHEMES[scheme]);
      const tied = additions(network.graph, plan).filter((addition) => addition.tied);
      expect(tied.length).toBeGreaterThan(0);

      const observe = tied.flatMap(({ operands, sum }) => [...operands, sum]).map(quantizedName);
      const model = concat(encodeGraph(applyPlan(network.graph, plan), { producer, observe }));
      const input = pictures(3, 50);
      // ONNX Runtime has no integer kernel for a signed sum with its ReLU; adding reals of one scale is as exact.
      const fused = (await executedOps(model, input))['QLinearAdd'] ?? 0;
      expect(fused).toBeGreaterThanOrEqual(scheme === 'u8s8' ? tied.length : 0);
      const session = await runInProcess([model], { optimize: true });
      const stored = await session.run({ input }, [...new Set(observe)]);
      await session.close();
      const integers = (value: string): ArrayLike<number> => stored[quantizedName(value)]!.data as Uint8Array;
      for (const { operands, sum } of tied) {
        const zero = (value: string): number => plan.activations.get(value)!.zeroPoint;
        const [a = '', b = ''] = operands;
        const [left, right, found] = [integers(a), integers(b), integers(sum)];
        // A ReLU holds the sum at its zero point and above.
        const least = sum.includes('relu') ? Math.max(low, zero(sum)) : low;
        let wrong = 0;
        for (let i = 0; i < found.length; i++) {
          const expected = left[i]! - zero(a) + right[i]! - zero(b) + zero(sum);
          if (found[i] !== Math.max(least, Math.min(high, expected))) wrong++;
        }
        expect([sum, wrong]).toEqual([sum, 0]);
      }
    },
  );

  test('the predicted noise is never above that of scales chosen one by one', async () => {
    let ties = 0;
    const drawn = fc.record({
      seed: fc.integer({ min: 1, max: 1000 }),
      scheme: fc.constantFrom<SchemeName>('u8s8', 's8s8', 'u16s8'),
      method: fc.constantFrom('mse' as const, 'minmax' as const),
    });
    const check = fc.asyncProperty(drawn, async ({ seed, scheme, method }) => {
      const network = await seen(wanted, seed);
      const gains = noiseGains(network.graph, network.statistics);
      const apart = planned(network, [], scheme, method);
      const joint = planned(network, ['streams'], scheme, method);
      ties += additions(network.graph, joint).filter(({ tied }) => tied).length;
      const ratio = predictedNoise(network, joint, gains, scheme) / predictedNoise(network, apart, gains, scheme);
      // The grid of scales holds each single one to 2 %.
      expect(ratio).toBeLessThanOrEqual(1.002);
    });
    await fc.assert(check, { seed: 7, numRuns: 12 });
    expect(ties).toBeGreaterThan(12);
  });
});

test('a shared value keeps the parameters of the one that it shares with', async () => {
  const plan = planned(await seen({ depths: [2, 2], inner: 8, shortcut: { kind: 'pad' } }, 2), ['streams']);
  const shared = [...plan.activations.values()].filter(({ sharesWith }) => sharesWith !== undefined);
  expect(shared.length).toBeGreaterThan(1);
  for (const { sharesWith, scale, zeroPoint } of shared) {
    const owner: ActivationPlan = plan.activations.get(sharesWith!)!;
    expect([scale, zeroPoint]).toEqual([owner.scale, owner.zeroPoint]);
  }
});
