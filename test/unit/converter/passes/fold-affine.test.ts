import { describe, expect, test } from 'vitest';
import { type Constant, constant, type Graph, type Node } from '../../../../converter/graph/graph.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { foldAffine } from '../../../../converter/passes/fold-affine.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { settle } from '../../../../converter/passes/settle.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';

const values: Readonly<Record<string, readonly number[]>> = {
  weight: [1, -2, 3, 0.5],
  gamma: [2, 0.5],
  beta: [0.25, -1],
  mean: [0.1, -0.2],
  variance: [4, 0],
  bias: [10, 20],
};

/** x -> conv 1 x 1 from two channels to two -> norm, and what reads the convolution besides. */
function convThenNorm(options: { readonly bias?: boolean; readonly outputs?: readonly string[] } = {}): Graph {
  const { bias = false, outputs = ['norm'] } = options;
  const nodes: readonly Node[] = [
    {
      name: 'conv',
      op: { kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 },
      inputs: ['x', 'weight', ...(bias ? ['bias'] : [])],
      outputs: ['conv'],
    },
    {
      name: 'norm',
      op: { kind: 'BatchNormalization', epsilon: 1e-5 },
      inputs: ['conv', 'gamma', 'beta', 'mean', 'variance'],
      outputs: ['norm'],
    },
  ];
  const constants = new Map<string, Constant>();
  for (const [name, list] of Object.entries(values)) {
    if (name === 'bias' && !bias) continue;
    constants.set(name, constant(float32(name === 'weight' ? [2, 2, 1, 1] : [2], Float32Array.from(list))));
  }
  return { name: 'g', inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 2, 4, 4] }], outputs, nodes, constants };
}

function read(graph: Graph, name: string): readonly number[] {
  return [...(graph.constants.get(name)?.read() ?? [])].map(Number);
}

describe('foldAffine', () => {
  test.each([false, true])(
    "scales weights and bias by the formula, with a bias of the convolution's own: %s",
    (bias) => {
      const folded = applyPasses(convThenNorm({ bias }), FOLD);
      expect(folded.nodes).toMatchObject([{ name: 'conv', inputs: ['x', 'weight', 'conv.bias'], outputs: ['conv'] }]);
      expect(folded.outputs).toEqual(['conv']);
      expect([...folded.constants.keys()].toSorted()).toEqual(['conv.bias', 'weight']);
      const factors = [2 / Math.sqrt(4 + 1e-5), 0.5 / Math.sqrt(1e-5)];
      const own = bias ? [10, 20] : [0, 0];
      const weight = [1 * factors[0]!, -2 * factors[0]!, 3 * factors[1]!, 0.5 * factors[1]!];
      const shifted = [0.25 + (own[0]! - 0.1) * factors[0]!, -1 + (own[1]! + 0.2) * factors[1]!];
      for (const [i, value] of read(folded, 'weight').entries()) expect(value / weight[i]!).toBeCloseTo(1, 6);
      for (const [i, value] of read(folded, 'conv.bias').entries()) expect(value / shifted[i]!).toBeCloseTo(1, 6);
    },
  );

  test('leaves the given graph as it was', () => {
    const graph = convThenNorm();
    applyPasses(graph, FOLD);
    expect(read(graph, 'weight')).toEqual(values['weight']);
    expect(graph.nodes).toHaveLength(2);
  });

  test('lets a convolution alone whose output leaves the graph', () => {
    const graph = convThenNorm({ outputs: ['norm', 'conv'] });
    expect(settle(graph, 'fold', foldAffine)).toBe(graph);
  });

  test('lets a convolution alone that something else reads', () => {
    const graph = convThenNorm({ outputs: ['norm', 'relu'] });
    const relu: Node = { name: 'relu', op: { kind: 'Relu' }, inputs: ['conv'], outputs: ['relu'] };
    const shared = { ...graph, nodes: [...graph.nodes, relu] };
    verify(shared, 'test');
    expect(settle(shared, 'fold', foldAffine)).toBe(shared);
  });
});

test('applyPasses names the pass and the node that a rewrite broke', () => {
  const rule = (): { readonly remove: readonly string[]; readonly add: readonly Node[] } => ({
    remove: ['conv'],
    add: [],
  });
  expect(() => applyPasses(convThenNorm(), [{ name: 'lose the convolution', rule }])).toThrowError(
    expect.objectContaining({
      code: 'internal',
      message: 'after lose the convolution: norm reads conv, which is not defined before it',
    }),
  );
});
