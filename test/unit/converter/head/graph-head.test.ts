import { expect, test } from 'vitest';
import { featuresOf, graphHead, withHead } from '../../../../converter/head/graph-head.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { floatsOf, seededGraphs, valuesOf } from '../quantize/observed.ts';
import { normal } from '../random.ts';

const SIZE = 16;
const { trained: graph } = seededGraphs({ depths: [1, 1], inner: 4 }, SIZE);
const input = float32([2, 3, SIZE, SIZE], Float32Array.from({ length: 6 * SIZE ** 2 }, normal(1)));

test('a new head reads the features that the graph up to it gives', async () => {
  const head = graphHead(graph);
  expect([head.width, head.bias.length]).toEqual([8, 10]);
  const random = normal(2);
  const weights = Float32Array.from({ length: 3 * head.width }, random);
  const bias = Float32Array.from({ length: 3 }, random);
  const replaced = withHead(graph, head, { weights, bias });
  const features = floatsOf((await valuesOf(featuresOf(graph, head), { input }, [head.input]))[head.input]);
  const [output = ''] = replaced.outputs;
  const logits = floatsOf((await valuesOf(replaced, { input }, [output]))[output]);
  expect(logits).toHaveLength(6);
  for (const [i, logit] of logits.entries()) {
    const [row, c] = [Math.floor(i / 3), i % 3];
    const products = [...weights.subarray(c * 8, (c + 1) * 8)].map((weight, k) => weight * features[row * 8 + k]!);
    expect(logit).toBeCloseTo(
      products.reduce((sum, product) => sum + product, bias[c]!),
      4,
    );
  }
});

test('a network that ends in something else is refused', () => {
  const relu = { name: 'end', op: { kind: 'Relu' }, inputs: [graph.outputs[0]!], outputs: ['end'] } as const;
  const other = { ...graph, nodes: [...graph.nodes, relu], outputs: ['end'] };
  expect(() => graphHead(other)).toThrow(/^expected a network that ends in one linear layer, found Relu: /);
});
