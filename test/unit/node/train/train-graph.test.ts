import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import { initialWeights } from '../../../../converter/train/initial.ts';
import { streamAt } from '../../../../converter/train/stream.ts';
import { targetRows } from '../../../../converter/train/targets.ts';
import { initialState, trainGraph } from '../../../../src/node/train/train-graph.ts';
import type { BatchSource, GraphTraining, TrainingState } from '../../../../src/node/train/types.ts';
import { architecture as networkOf } from '../../converter/networks.ts';

const SIZE = 8;
const CLASSES = 2;
const architecture = networkOf({ depths: [1], inner: 4, classes: CLASSES });
const weights = initialWeights(architecture, 3);
const graph: Graph = buildGraph(
  architecture,
  new Map([...weights].map(([name, { dims, data }]) => [name, { dtype: 'F32', dims, read: () => data }])),
  SIZE,
);
const trainable = new Set([...weights.keys()].filter((name) => !name.includes('.running_')));

/** Noise that is redder for the first class and bluer for the second. */
const source: BatchSource = {
  batch: 8,
  steps: 5,
  take: async (epoch, step) => {
    const random = streamAt(epoch, step);
    const labels = Int32Array.from({ length: 8 }, () => (random() < 0.5 ? 0 : 1));
    const input = Float32Array.from({ length: 8 * 3 * SIZE * SIZE }, (_, i) => {
      const plane = Math.floor(i / (SIZE * SIZE));
      const own = plane % 3 === 2 * labels[Math.floor(plane / 3)]!;
      return random() - 0.5 + (own ? 1 : 0);
    });
    return { input, labels, targets: targetRows(labels, { classes: CLASSES, smoothing: 0.1 }) };
  },
};

function training(norms: 'live' | 'frozen', changes: Partial<GraphTraining> = {}): GraphTraining {
  return {
    ...{ graph, trainable, norms, source, epochs: 3, threads: 1 },
    schedule: { kind: 'cosine', peak: 0.1 },
    sgd: { momentum: 0.9, nesterov: true, weightDecay: 1e-3, decays: (name) => name.endsWith('conv1.weight') },
    state: initialState(graph, { trainable, norms }),
    ...changes,
  };
}

function bytesOf({ weights: values, momentum }: TrainingState): string {
  return [...values, ...momentum]
    .map(
      ([name, { buffer, byteOffset, byteLength }]) =>
        `${name} ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`,
    )
    .join('\n');
}

const whole = training('live');
const once = trainGraph(whole);

describe('training a graph', () => {
  test('learns, follows the statistics of live norms, and leaves the graph itself as it was', async () => {
    const before = bytesOf(initialState(graph, { trainable, norms: 'live' }));
    const { kind, records } = await once;
    expect(kind).toBe('done');
    expect(records.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(records[2]!.loss).toBeLessThan(0.8 * records[0]!.loss);
    expect(records[2]!.accuracy).toBeGreaterThan(0.9);
    expect(whole.state.weights.get('bn1.running_mean')!.every((value) => value !== 0)).toBe(true);
    expect(whole.state.weights.get('bn1.running_var')!.every((value) => value > 0 && value !== 1)).toBe(true);
    expect(bytesOf(initialState(graph, { trainable, norms: 'live' }))).toBe(before);
  });

  test('comes to the same bytes in one go and from a state in between', async () => {
    let kept: TrainingState | undefined;
    const controller = new AbortController();
    const first = await trainGraph(
      training('live', {
        signal: controller.signal,
        onEpoch: async (record, state) => {
          kept = structuredClone({ ...state, records: [...state.records, record] });
          controller.abort();
          return record;
        },
      }),
    );
    expect(first).toMatchObject({ kind: 'stopped', epoch: 2, step: 1 });
    expect(first.records).toHaveLength(1);
    const second = training('live', { state: kept! });
    const { records } = await trainGraph(second);
    expect(records).toEqual((await once).records);
    expect(bytesOf(second.state)).toBe(bytesOf(whole.state));
  });

  test('in parts of a batch adds up to the same step', async () => {
    const batch = training('frozen', { epochs: 1 });
    const parts = training('frozen', { epochs: 1, microBatch: 2 });
    const [a, b] = [await trainGraph(batch), await trainGraph(parts)];
    expect(b.records[0]!.loss).toBeCloseTo(a.records[0]!.loss, 5);
    expect(b.records[0]!.accuracy).toBe(a.records[0]!.accuracy);
    for (const [name, values] of batch.state.weights) {
      for (const [i, value] of values.entries()) {
        expect(Math.abs(value - parts.state.weights.get(name)![i]!)).toBeLessThan(1e-5);
      }
    }
  });

  test('moves what is trainable, each at its own rate, and nothing else', async () => {
    const head = new Set(['fc.weight', 'fc.bias']);
    const state = initialState(graph, { trainable: head, norms: 'frozen' });
    expect([...state.weights.keys()]).toEqual([...head]);
    const before = structuredClone(state.weights);
    const scale = (name: string): number => (name === 'fc.bias' ? 0 : 1);
    const { sgd } = training('frozen');
    await trainGraph(training('frozen', { trainable: head, state, epochs: 1, sgd: { ...sgd, scale } }));
    expect(state.weights.get('fc.bias')).toEqual(before.get('fc.bias'));
    expect(state.weights.get('fc.weight')).not.toEqual(before.get('fc.weight'));
  });

  test('ends where the loss is no longer a number, and says where', async () => {
    const end = await trainGraph(training('live', { schedule: { kind: 'constant', peak: 1e20 } }));
    expect(end).toMatchObject({ kind: 'diverged', records: [], epoch: 1, learningRate: 1e20 });
  });

  test('a source that fails ends it with that error', async () => {
    const failing: BatchSource = {
      ...source,
      take: async (epoch, step) => {
        if (step === 2) throw new Error('no more');
        return await source.take(epoch, step);
      },
    };
    await expect(trainGraph(training('live', { source: failing }))).rejects.toThrow('no more');
  });
});
