import { expect, test } from 'vitest';
import { trainingGraph } from '../../../../converter/autodiff/training-graph.ts';
import type { TrainingRecipe } from '../../../../converter/autodiff/types.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { floats } from '../../../../converter/runner.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { runInProcess } from '../runner.ts';
import { type Case, graphOf } from './differences.ts';

const PRODUCER = { name: 'test', version: '0' };
const ones = (dims: readonly number[]): NonNullable<Case['given']> => ({
  c: { dtype: 'float32', dims, read: () => new Float32Array(dims.reduce((all, dim) => all * dim, 1)).fill(1) },
});

function train(graph: Graph, recipe: Partial<TrainingRecipe> = {}): ReturnType<typeof trainingGraph> {
  return trainingGraph(graph, { batch: 2, trainable: new Set(['x']), norms: 'live', ...recipe });
}

function opsOf(graph: Graph, recipe: Partial<TrainingRecipe>): readonly string[] {
  const bytes = concat(train(graph, recipe).encode(PRODUCER));
  return decodeModel(bytes).graph.nodes.map(({ op }) => op);
}

test('the loss is that of rows of weighted distributions', async () => {
  const graph = graphOf({ image: [1, 1, 3], nodes: [] });
  const model = await runInProcess(train(graph).encode(PRODUCER), { optimize: true });
  const outputs = await model.run({
    input: float32([2, 1, 1, 3], Float32Array.of(1, 2, 3, 0, 0, 0)),
    x: float32([2, 1, 1, 3], new Float32Array(6)),
    targets: float32([2, 3], Float32Array.of(0, 0, 0.5, 0.25, 0.25, 0)),
  });
  await model.close();
  const first = Math.log(Math.exp(-2) + Math.exp(-1) + 1);
  expect(floats(outputs, 'loss')[0]).toBeCloseTo(0.5 * first + 0.5 * Math.log(3), 6);
  expect([...floats(outputs, 'logits')]).toEqual([1, 2, 3, 0, 0, 0]);
});

const twoLayers: Case = {
  nodes: [
    [{ kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 }, 'first'],
    [{ kind: 'Softplus' }],
    [{ kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 }, 'second'],
  ],
  given: { first: [3, 3, 1, 1], second: [2, 3, 1, 1] },
};

test('what lies below every parameter runs forward only', () => {
  const ops = opsOf(graphOf(twoLayers), { trainable: new Set(['second']) });
  expect(ops.filter((op) => op === 'Conv')).toHaveLength(2);
  expect(ops.filter((op) => op === 'FusedMatMul')).toHaveLength(1);
  expect(ops).not.toContain('Sigmoid');
  expect(opsOf(graphOf(twoLayers), { trainable: new Set(['first']) })).toContain('Sigmoid');
});

test('an op that gradients cannot pass is refused by name, and only where they have to', () => {
  const given = graphOf({
    nodes: [[{ kind: 'LRN', size: 3, alpha: 1e-4, beta: 0.75, bias: 1 }], [{ kind: 'Mul' }, 'c']],
    given: ones([3, 1, 1]),
  });
  expect(() => train(given)).toThrow('cannot train through n1.LRN (LRN): expected an op that gradients pass');
  expect(train(given, { trainable: new Set(['c']) }).parameters).toEqual([
    { name: 'c', dims: [3, 1, 1], gradient: 'c.gradient' },
  ]);
  const stepped = graphOf({ nodes: [[{ kind: 'Slice', axes: [2], starts: [0], ends: [4], steps: [2] }]] });
  expect(() => train(stepped)).toThrow('cannot train through n1.Slice (Slice): expected a Slice of steps of 1');
});

test('a parameter has to be a float constant that the loss depends on', () => {
  const graph = graphOf({ nodes: [] });
  expect(() => train(graph, { trainable: new Set(['y']) })).toThrow('expected a float32 constant y to train in case');
  const norm = graphOf({
    nodes: [[{ kind: 'BatchNormalization', epsilon: 1e-5 }, 'gamma', 'beta', 'mean', 'variance']],
    given: { gamma: [3], beta: [3], mean: [3], variance: [3] },
  });
  expect(() => train(norm, { trainable: new Set(['mean']) })).toThrow('a gradient with regard to mean');
});

test('names that a training graph takes are left to it', async () => {
  const graph = graphOf({ nodes: [[{ kind: 'Mul' }, 'loss'], [{ kind: 'Tanh' }]], given: { loss: [3, 1, 1] } });
  expect(() => train(graph, { trainable: new Set(['loss']) })).toThrow('to be named loss');
  const model = await runInProcess(train(graph).encode(PRODUCER), { optimize: true });
  await model.close();
});

test('live norms give the statistics of the batch', async () => {
  const graph = graphOf({
    image: [1, 1, 2],
    nodes: [[{ kind: 'BatchNormalization', epsilon: 1e-5 }, 'gamma', 'beta', 'mean', 'variance']],
    given: { gamma: [1], beta: [1], mean: [1], variance: [1] },
  });
  const training = train(graph);
  expect(training.statistics).toMatchObject([{ runningMean: 'mean', runningVariance: 'variance', count: 4 }]);
  expect(train(graph, { norms: 'frozen', trainable: new Set(['beta']) }).statistics).toEqual([]);
  const model = await runInProcess(training.encode(PRODUCER), { optimize: true });
  const outputs = await model.run({
    input: float32([2, 1, 1, 2], Float32Array.of(1, 2, 3, 6)),
    x: float32([2, 1, 1, 2], new Float32Array(4)),
    targets: float32([2, 2], new Float32Array(4)),
  });
  await model.close();
  const [{ mean, variance }] = training.statistics as [(typeof training.statistics)[number]];
  expect(floats(outputs, mean)[0]).toBeCloseTo(3, 6);
  expect(floats(outputs, variance)[0]).toBeCloseTo(3.5, 6);
});
