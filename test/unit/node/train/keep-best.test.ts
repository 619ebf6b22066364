import { expect, test } from 'vitest';
import { constant, type Graph } from '../../../../converter/graph/graph.ts';
import { targetRows } from '../../../../converter/train/targets.ts';
import { type Keeping, trainKeepingBest } from '../../../../src/node/train/keep-best.ts';
import { initialState } from '../../../../src/node/train/train-graph.ts';
import type { BatchSource } from '../../../../src/node/train/types.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';

/** Two numbers -> two logits. */
const graph: Graph = {
  name: 'line',
  inputs: [{ name: 'input', dtype: 'float32', dims: ['N', 2] }],
  outputs: ['fc'],
  nodes: [{ name: 'fc', op: { kind: 'Gemm', transB: true }, inputs: ['input', 'w', 'b'], outputs: ['fc'] }],
  constants: new Map([
    ['w', constant(float32([2, 2], new Float32Array(4)))],
    ['b', constant(float32([2], new Float32Array(2)))],
  ]),
};
const network = { graph, trainable: new Set(['w', 'b']), norms: 'frozen' } as const;
const source: BatchSource = {
  ...{ batch: 2, steps: 1 },
  take: async () => {
    const labels = Int32Array.of(0, 1);
    return { input: Float32Array.of(1, 0, 0, 1), labels, targets: targetRows(labels, { classes: 2 }) };
  },
};

/** Trains with a judge that says these losses in turn, that of the beginning first; the weights after each are remembered. */
async function trained(
  losses: readonly number[],
  more: Omit<Keeping, 'judge'> = {},
  from = source,
  accuracies: readonly number[] = [],
) {
  const seen: number[] = [];
  const judge = async (weights: ReadonlyMap<string, Float32Array>) => {
    seen.push(weights.get('w')![0]!);
    return { accuracy: accuracies[seen.length - 1] ?? 0.5, loss: losses[seen.length - 1]! };
  };
  const kept = await trainKeepingBest(
    {
      ...{ ...network, source: from, epochs: losses.length - 1, threads: 1, state: initialState(graph, network) },
      schedule: { kind: 'constant', peak: 0.1 },
      sgd: { momentum: 0, nesterov: false, weightDecay: 0, decays: () => false },
    },
    { judge, ...more },
  );
  return { kept, seen, weight: kept.weights.get('w')?.[0] };
}

test('hands out the weights of the best epoch, those of the beginning among them', async () => {
  const { kept, seen, weight } = await trained([1, 0.5, 0.7]);
  expect(kept).toMatchObject({ epoch: 1, ended: 'whole', scores: [{ loss: 1 }, { loss: 0.5 }, { loss: 0.7 }] });
  expect(weight).toBe(seen[1]);
  expect(seen[2]).toBeGreaterThan(seen[1]!);
  expect((await trained([1, 2, 3])).kept).toMatchObject({ epoch: 0 });
  expect((await trained([1, 2, 3])).weight).toBe(0);
});

test('ends once nothing got better for long enough', async () => {
  const { kept, seen } = await trained([1, 0.5, 0.6, 0.7, 0.1, 0.1], { patience: 2 });
  expect(kept).toMatchObject({ epoch: 1, ended: 'early' });
  expect(seen).toHaveLength(4);
});

test('within the slack a later epoch is as good', async () => {
  expect((await trained([0.5, 0.51, 0.515], { slack: 0.02 })).kept.epoch).toBe(2);
  expect((await trained([0.5, 0.51, 0.56], { slack: 0.02 })).kept.epoch).toBe(1);
});

test('an epoch that names fewer right than the beginning may be left out', async () => {
  const accuracies = [0.8, 0.7, 0.8, 0.6];
  const losses = [1, 0.5, 0.6, 0.4];
  expect((await trained(losses, {}, source, accuracies)).kept.epoch).toBe(3);
  expect((await trained(losses, { noFewerRight: true }, source, accuracies)).kept.epoch).toBe(2);
});

test('a loss that is no number keeps what was good before it', async () => {
  const broken: BatchSource = {
    ...source,
    take: async (epoch, step) => {
      const batch = await source.take(epoch, step);
      return epoch < 2 ? batch : { ...batch, input: batch.input.fill(Number.NaN) };
    },
  };
  const { kept, seen, weight } = await trained([1, 0.5, 0.4, 0.3], {}, broken);
  expect(kept).toMatchObject({ ended: 'diverged', epoch: 2, end: { kind: 'diverged', epoch: 3, step: 1 } });
  expect(weight).toBe(seen[2]);
});

test('without a judge the last whole epoch is kept', async () => {
  const state = initialState(graph, network);
  const sgd = { momentum: 0, nesterov: false, weightDecay: 0, decays: () => false };
  const schedule = { kind: 'constant', peak: 0.1 } as const;
  const kept = await trainKeepingBest({ ...network, source, epochs: 2, threads: 1, state, schedule, sgd });
  expect(kept).toMatchObject({ epoch: 2, ended: 'whole', scores: [] });
  expect(kept.weights).toEqual(state.weights);
});
