import { describe, expect, test } from 'vitest';
import { decodeGraph } from '../../../../converter/exchange/decode-graph.ts';
import { print } from '../../../../converter/graph/print.ts';
import type { NamedTensor, OnnxNode } from '../../../../src/onnx/schema.ts';
import { refusal } from '../weights/files.ts';
import { int, ints, model, node } from './build.ts';

const list = (name: string, ...values: readonly number[]): NamedTensor => ({
  name,
  dtype: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const one = (name: string, value: number): NamedTensor => ({ ...list(name, value), dims: [] }) as NamedTensor;
const numbers = [
  list('zero', 0),
  list('one', 1),
  list('four', 4),
  list('rest', -1),
  list('keep', 0, -1),
  list('all', -1, 192),
  one('first', 0),
  one('unit', 1),
  one('many', 5),
];

/** What a picture [N, 3, 8, 8] becomes by nodes that end in a Reshape to `shape`. */
function flattened(nodes: readonly OnnxNode[], opset = 17, batch: number | string = 'N'): string {
  const reshape = node('Reshape', ['x', 'shape'], 'y');
  const input = { name: 'x', dtype: 'float32', dims: [batch, 3, 8, 8] } as const;
  const whole = model([...nodes, reshape], { initializers: numbers, inputs: [input] }, opset);
  return refusal(() => {
    const graph = decodeGraph(whole, ['N', 3, 8, 8]);
    expect(print(graph)).toBe(
      'input  input: float32[N, 3, 8, 8]\nthe_y = Flatten{axis=1}(input): float32[N, 192]\noutput the_y\n',
    );
  });
}

const shape = node('Shape', ['x'], 's');
const concat = (...parts: readonly string[]): OnnxNode => node('Concat', parts, 'shape', { axis: int(0) });

describe('arithmetic on shapes folds away: a batch is flattened by', () => {
  test.each<readonly [string, readonly OnnxNode[]]>([
    [
      'its own size and the rest, gathered (torch)',
      [shape, node('Gather', ['s', 'first'], 'g'), node('Unsqueeze', ['g', 'zero'], 'u'), concat('u', 'rest')],
    ],
    ['a slice of its shape', [shape, node('Slice', ['s', 'zero', 'one', 'zero'], 'u'), concat('u', 'rest')]],
    ['a part of its shape', [node('Shape', ['x'], 'u', { start: int(0), end: int(-3) }), concat('u', 'rest')]],
    [
      'the product of the other sizes',
      [
        shape,
        node('Slice', ['s', 'zero', 'one'], 'u'),
        node('Slice', ['s', 'one', 'four'], 'r'),
        node('ReduceProd', ['r'], 'p', { keepdims: int(1) }),
        concat('u', 'p'),
      ],
    ],
    [
      'casts to float and back, and factors of one (keras2onnx)',
      [
        shape,
        node('Cast', ['s'], 'f', { to: int(1) }),
        node('Cast', ['f'], 'i', { to: int(7) }),
        node('Gather', ['i', 'first'], 'g'),
        node('Mul', ['g', 'unit'], 'm'),
        node('Unsqueeze', ['m', 'zero'], 'u'),
        concat('u', 'rest'),
      ],
    ],
    ['a zero that keeps it', [node('Identity', ['keep'], 'shape')]],
    ['a rest that is it', [node('Identity', ['all'], 'shape')]],
    ['a constant in columns', [node('Flatten', ['keep'], 'c'), node('Squeeze', ['c', 'one'], 'shape')]],
    [
      'a choice between sizes that cannot be the batch',
      [
        shape,
        node('Gather', ['s', 'first'], 'g'),
        node('Equal', ['g', 'first'], 'e'),
        node('Where', ['e', 'unit', 'g'], 'w'),
        node('Unsqueeze', ['w', 'zero'], 'u'),
        concat('u', 'rest'),
      ],
    ],
  ])('%s', (_, nodes) => {
    expect(flattened(nodes)).toBe('accepted');
  });
});

test('bounds are attributes in old opsets', () => {
  const slice = node('Slice', ['s'], 'u', { starts: ints(0), ends: ints(1) });
  expect(flattened([shape, slice, concat('u', 'rest')], 9)).toBe('accepted');
});

test('a fixed batch of the export does not stay in a shape', () => {
  expect(flattened([concat('one', 'rest')], 17, 1)).toBe('accepted');
});

test('arithmetic that needs the size of the batch is refused, named', () => {
  const nodes = [
    shape,
    node('Gather', ['s', 'first'], 'g'),
    node('Mul', ['g', 'many'], 'm'),
    node('Unsqueeze', ['m', 'zero'], 'u'),
    concat('u', 'rest'),
  ];
  expect(flattened(nodes)).toBe(
    'unsupported: expected arithmetic that does not depend on the size of the batch: export the model with a fixed batch of 1 in node the_m (Mul)',
  );
});

test('a constant without bounds is refused', () => {
  const nodes = [node('ConstantOfShape', ['huge'], 'c'), node('Reshape', ['c', 'rest'], 'r'), concat('r', 'rest')];
  const whole = model([...nodes, node('Reshape', ['x', 'shape'], 'y')], {
    initializers: [...numbers, list('huge', 2 ** 31, 2 ** 21)],
  });
  expect(refusal(() => decodeGraph(whole, ['N', 3, 8, 8]))).toBe(
    'unsupported: expected a constant of at most 134217728 elements, received [2147483648,2097152] in node the_c (ConstantOfShape)',
  );
});
