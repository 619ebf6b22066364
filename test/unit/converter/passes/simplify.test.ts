import { describe, expect, test } from 'vitest';
import { type Constant, constant, type Graph, type Node } from '../../../../converter/graph/graph.ts';
import type { Op, Pads } from '../../../../converter/graph/op.ts';
import { absorbInput } from '../../../../converter/passes/absorb-input.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { largestDifference, raw } from '../conversions.ts';
import { bytesOf } from '../exchange/sources.ts';
import { uniform } from '../random.ts';
import { logitsOf } from '../runner.ts';

const random = uniform(3);
const draw = (...dims: readonly number[]): Tensor<'float32'> =>
  float32(
    dims,
    Float32Array.from({ length: dims.reduce((all, dim) => all * dim, 1) }, () => random() + 0.5),
  );
const INPUT = draw(2, 3, 8, 8);

const node = (name: string, op: Op, ...inputs: readonly string[]): Node => ({ name, op, inputs, outputs: [name] });
const conv = (pads: Pads = [0, 0, 0, 0], kernel = 3): Op => ({
  kind: 'Conv',
  kernel: [kernel, kernel],
  strides: [1, 1],
  pads,
  group: 1,
});
const padRows = (value: number): Op => ({ kind: 'Pad', pads: [0, 0, 1, 1, 0, 0, 1, 1], value });
const pool = (kind: 'MaxPool'): Op => ({ kind, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0] });
const TO_NHWC: Op = { kind: 'Transpose', perm: [0, 2, 3, 1] };
const TO_NCHW: Op = { kind: 'Transpose', perm: [0, 3, 1, 2] };

function graph(nodes: readonly Node[], constants: Readonly<Record<string, Tensor<'float32'>>> = {}): Graph {
  const entries = Object.entries(constants).map(([name, tensor]): [string, Constant] => [name, constant(tensor)]);
  return {
    name: 'g',
    inputs: [{ name: 'input', dtype: 'float32', dims: ['N', 3, 8, 8] }],
    outputs: [nodes.at(-1)?.name ?? ''],
    nodes,
    constants: new Map(entries),
  };
}

const kinds = ({ nodes }: Graph): string => nodes.map(({ op }) => op.kind).join(' ');

const w = draw(4, 3, 3, 3);
const c = (): Tensor<'float32'> => draw(1, 4, 1, 1);

describe('simplified, and the same numbers:', () => {
  test.each<readonly [string, Graph, string]>([
    ['a Pad before a Conv', graph([node('p', padRows(0), 'input'), node('y', conv(), 'p', 'w')], { w }), 'Conv'],
    [
      'a Pad of ones before a Conv stays',
      graph([node('p', padRows(1), 'input'), node('y', conv(), 'p', 'w')], { w }),
      'Pad Conv',
    ],
    [
      'a Pad behind a ReLU before a MaxPool',
      graph([node('r', { kind: 'Relu' }, 'input'), node('p', padRows(0), 'r'), node('y', pool('MaxPool'), 'p')]),
      'Relu MaxPool',
    ],
    [
      'a Pad of zeros before a MaxPool of any sign stays',
      graph([node('p', padRows(0), 'input'), node('y', pool('MaxPool'), 'p')]),
      'Pad MaxPool',
    ],
    [
      'a Pad before a mean',
      graph([
        node('p', padRows(0), 'input'),
        node(
          'y',
          {
            kind: 'AveragePool',
            kernel: [3, 3],
            strides: [2, 2],
            pads: [0, 0, 0, 0],
            countPadding: false,
            ceil: false,
          },
          'p',
        ),
      ]),
      'AveragePool',
    ],
    [
      'a norm in four steps',
      graph(
        [
          node('k', conv(), 'input', 'w'),
          node('s', { kind: 'Sub' }, 'k', 'mean'),
          node('d', { kind: 'Div' }, 's', 'deviation'),
          node('m', { kind: 'Mul' }, 'gamma', 'd'),
          node('y', { kind: 'Sub' }, 'beta', 'm'),
        ],
        { w, mean: c(), deviation: c(), gamma: c(), beta: draw(4, 1, 1) },
      ),
      'Conv',
    ],
    [
      'a norm whose input something else reads too',
      graph(
        [
          node('k', conv(), 'input', 'w'),
          node('m', { kind: 'Mul' }, 'k', 'gamma'),
          node('y', { kind: 'Add' }, 'k', 'm'),
        ],
        { w, gamma: c() },
      ),
      'Conv Conv Add',
    ],
    [
      'layouts that cancel around arithmetic, a concatenation, padding and a mean',
      graph(
        [
          node('t', TO_NHWC, 'input'),
          node('a', { kind: 'Add' }, 't', 'shift'),
          node('b', { kind: 'LeakyRelu', alpha: 0.1 }, 'a'),
          node('c', { kind: 'Concat', axis: 3 }, 'a', 'b'),
          node('p', { kind: 'Pad', pads: [0, 1, 0, 0, 0, 0, 2, 0], value: 0 }, 'c'),
          node('y', { kind: 'ReduceMean', axes: [1, 2], keepDims: false }, 'p'),
        ],
        { shift: draw(3) },
      ),
      'Add LeakyRelu Concat Pad GlobalAveragePool Flatten',
    ],
    [
      'a layout that is needed',
      graph([
        node('t', TO_NHWC, 'input'),
        node('r', { kind: 'Relu' }, 't'),
        node('y', { kind: 'Flatten', axis: 1 }, 'r'),
      ]),
      'Relu Transpose Flatten',
    ],
    [
      'a layout there and back',
      graph([node('t', TO_NHWC, 'input'), node('b', TO_NCHW, 't'), node('y', { kind: 'Relu' }, 'b')]),
      'Relu',
    ],
    [
      'a product with a matrix and a sum',
      graph(
        [
          node('g', { kind: 'ReduceMean', axes: [2, 3], keepDims: false }, 'input'),
          node('m', { kind: 'Gemm', transB: true }, 'g', 'w'),
          node('y', { kind: 'Add' }, 'm', 'b'),
        ],
        { w: draw(5, 3), b: draw(5) },
      ),
      'GlobalAveragePool Flatten Gemm',
    ],
  ])('%s', async (_, of, expected) => {
    const simple = applyPasses(of, FOLD);
    expect(kinds(simple)).toBe(expected);
    const found = await logitsOf(bytesOf(simple), INPUT);
    expect(largestDifference(found, await logitsOf(bytesOf(of), INPUT, 'disabled'))).toBeLessThan(1e-4);
  });
});

describe('prepared for pixels', () => {
  const head = [node('y', conv([1, 1, 1, 1]), 's', 'w')] as const;

  test("the network's own normalisation joins that of the pixels", () => {
    const own = graph(
      [node('d', { kind: 'Div' }, 'input', 'deviation'), node('s', { kind: 'Sub' }, 'd', 'mean'), ...head],
      {
        w,
        deviation: float32([], Float32Array.of(0.5)),
        mean: float32([3, 1, 1], Float32Array.of(1, 2, 3)),
      },
    );
    const { graph: bare, preprocessing } = absorbInput(own, raw(8, { mean: [0, 0, 0], std: [1, 1, 1] }));
    expect(kinds(bare)).toBe('Conv');
    // (x / 0.5 - m) = (x - 0.5 m) / 0.5
    expect(preprocessing).toMatchObject({ mean: [0.5, 1, 1.5], std: [0.5, 0.5, 0.5] });
  });

  test('a network that starts with anything but a convolution gets one that copies', () => {
    const other = graph([node('s', { kind: 'Relu' }, 'input'), ...head], { w });
    expect(kinds(absorbInput(other, raw(8)).graph)).toBe('Conv Relu Conv');
  });

  test('a float input is left as it is', () => {
    const other = graph([node('s', { kind: 'Relu' }, 'input'), ...head], { w });
    expect(absorbInput(other, { ...raw(8), input: 'float' }).graph).toBe(other);
  });
});
