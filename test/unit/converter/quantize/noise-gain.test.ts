import { describe, expect, test } from 'vitest';
import { constant, type Graph, type Node } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { type NoiseGains, noiseGains, totalGain } from '../../../../converter/quantize/noise-gain.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { normal } from '../random.ts';
import { floatsOf, seededGraphs, statisticsOn, valuesOf } from './observed.ts';

const SIZE = 24;
const PICTURES = 6;
const DEVIATION = 1e-3;

function noise(dims: readonly number[], deviation: number, seed: number): Tensor<'float32'> {
  const draw = normal(seed);
  const count = dims.reduce((product, dim) => product * dim, 1);
  return float32(
    dims,
    Float32Array.from({ length: count }, () => deviation * draw()),
  );
}

/** The graph with what `noise` holds added to a value, for all who read it. */
function disturbed(graph: Graph, value: string): Graph {
  const { dims } = verify(graph, 'test').get(value)!;
  const at = graph.nodes.findIndex(({ outputs }) => outputs[0] === value);
  const nodes = graph.nodes.map((node, i) =>
    i > at ? { ...node, inputs: node.inputs.map((name) => (name === value ? 'noisy' : name)) } : node,
  );
  const add = { name: 'noisy', op: { kind: 'Add' }, inputs: [value, 'noise'], outputs: ['noisy'] } as const;
  return {
    ...graph,
    inputs: [...graph.inputs, { name: 'noise', dtype: 'float32', dims }],
    nodes: nodes.toSpliced(at + 1, 0, add),
  };
}

/** Power of the logits' noise, all classes together, for white noise of power 1 in a value. */
async function measuredGain(graph: Graph, value: string, input: Tensor): Promise<number> {
  const [logits = ''] = graph.outputs;
  const { [logits]: exact, [value]: seen } = await valuesOf(graph, { input }, [logits, value]);
  const feeds = { input, noise: noise(seen!.dims, DEVIATION, 99) };
  const { [logits]: noisy } = await valuesOf(disturbed(graph, value), feeds, [logits]);
  const [a, b] = [floatsOf(exact), floatsOf(noisy)];
  return a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0) / (PICTURES * DEVIATION ** 2);
}

// Large enough that few windows reach into the padding, where the prediction counts taps that read nothing.
test('noise in a value reaches the logits as predicted, within a fifth', async () => {
  const graphs = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => seededGraphs({ depths: [1, 1], inner: 16 }, SIZE, seed).folded);
  const input = noise([PICTURES, 3, SIZE, SIZE], 1, 7);
  const predicted = new Map<string, number>();
  const measured = new Map<string, number>();
  for (const graph of graphs) {
    const gains = noiseGains(graph, await statisticsOn(graph, input));
    for (const { name, op } of graph.nodes) {
      if (op.kind !== 'Relu' && op.kind !== 'Flatten' && !/conv2|downsample/.test(name)) continue;
      predicted.set(name, (predicted.get(name) ?? 0) + totalGain(gains, name));
      measured.set(name, (measured.get(name) ?? 0) + (await measuredGain(graph, name, input)));
    }
  }
  expect(predicted.size).toBe(9);
  for (const [name, power] of predicted) {
    expect(power / measured.get(name)!, name).toBeGreaterThan(0.8);
    expect(power / measured.get(name)!, name).toBeLessThan(1.2);
  }
});

/** Gains at every value of a chain of nodes from `x` [N, 2, 4, 4], the constants by name. */
function gainsOf(nodes: readonly Node[], constants: Readonly<Record<string, Tensor>> = {}): NoiseGains {
  const graph: Graph = {
    name: 'chain',
    inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 2, 4, 4] }],
    outputs: [nodes.at(-1)!.name],
    nodes,
    constants: new Map(Object.entries(constants).map(([name, tensor]) => [name, constant(tensor)])),
  };
  return noiseGains(graph, new Map());
}

function node(name: string, op: Op, ...inputs: readonly string[]): Node {
  return { name, op, inputs, outputs: [name] };
}

describe('by hand', () => {
  const conv = { kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] } as const;

  test('a convolution multiplies by its squared weights, channel by channel', () => {
    const w = float32([3, 2, 1, 1], Float32Array.of(1, 2, -3, 0, 0.5, -1));
    const gains = gainsOf([node('y', { ...conv, group: 1 }, 'x', 'w')], { w });
    expect([...gains.get('x')!]).toEqual([1 + 9 + 0.25, 4 + 0 + 1]);
    expect(totalGain(gains, 'y')).toBe(3);
  });

  test('a group reads its own channels alone', () => {
    const w = float32([4, 1, 1, 1], Float32Array.of(1, 2, 3, 4));
    const gains = gainsOf([node('y', { ...conv, group: 2 }, 'x', 'w')], { w });
    expect([...gains.get('x')!]).toEqual([1 + 4, 9 + 16]);
  });

  test('an average of 16 elements divides by 16, and an unseen ReLU by two', () => {
    const gains = gainsOf([node('relu', { kind: 'Relu' }, 'x'), node('y', { kind: 'GlobalAveragePool' }, 'relu')]);
    expect([...gains.get('relu')!]).toEqual([1 / 16, 1 / 16]);
    expect([...gains.get('x')!]).toEqual([1 / 32, 1 / 32]);
  });

  test('both operands of an addition bear its noise, and one that is read twice bears it twice', () => {
    const gains = gainsOf([node('relu', { kind: 'Relu' }, 'x'), node('y', { kind: 'Add' }, 'relu', 'x')]);
    expect([...gains.get('relu')!]).toEqual([1, 1]);
    expect([...gains.get('x')!]).toEqual([1.5, 1.5]);
  });

  test('nothing is known of a value that reaches no output', () => {
    expect(totalGain(gainsOf([node('y', { kind: 'Relu' }, 'x')]), 'elsewhere')).toBe(0);
  });
});
