import { describe, expect, test } from 'vitest';
import type { Constant, Graph } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { carryDraws } from '../../../../converter/quantize/carry-draws.ts';
import type { Draws } from '../../../../converter/quantize/draws.ts';

const draws = (...channels: readonly (readonly number[])[]): Draws => channels.map((one) => Float32Array.from(one));
const a = draws([1, 2, 3, 4], [-1, -2, -3, -4]);
const b = draws([5, 6, 7, 8], [0, 0, 0, 0]);

/** What a node makes of values [N, channels, 4, 4], or of such as `dims` say. */
function carried(
  op: Op,
  values: readonly (Draws | undefined)[],
  weight?: Constant,
  dims: { readonly from?: readonly number[]; readonly to?: readonly number[] } = {},
): Draws | undefined {
  const inputs = [...values.map((_, i) => `value${i}`), ...(weight ? ['weight'] : [])];
  const node = { name: 'node', op, inputs, outputs: ['out'] };
  const graph: Graph = {
    name: 'g',
    inputs: [],
    outputs: ['out'],
    nodes: [node],
    constants: new Map(weight ? [['weight', weight]] : []),
  };
  const fact = (shape: readonly number[]) => ({ dtype: 'float32', dims: ['N', ...shape] }) as const;
  const facts = new Map([
    ...values.map((value, i) => [`value${i}`, fact(dims.from ?? [value?.length ?? 0, 4, 4])] as const),
    ['out', fact(dims.to ?? [values[0]?.length ?? 0, 4, 4])] as const,
  ]);
  return carryDraws(node, { graph, facts, drawsOf: (name) => values[inputs.indexOf(name)], draw: moments });
}

/** Two numbers of a mean and a deviation. */
function moments(mean: number, deviation: number): Float32Array {
  return Float32Array.of(mean - deviation, mean + deviation);
}

function kernel(dims: readonly number[], values: readonly number[]): Constant {
  return { dtype: 'float32', dims, read: () => Float32Array.from(values) };
}

function convolution(side: number, group: number): Op {
  return { kind: 'Conv', kernel: [side, side], strides: [1, 1], pads: [0, 0, 0, 0], group };
}

const WINDOW = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] } as const;
const pad = (pads: readonly number[], value = 0): Op => ({ kind: 'Pad', pads, value });
const slice = (axis: number): Op => ({ kind: 'Slice', axes: [axis], starts: [0], ends: [1], steps: [1] });

test.each<readonly [string, Op]>([
  ['an average', { kind: 'AveragePool', countPadding: false, ceil: true, ...WINDOW }],
  ['the average of all', { kind: 'GlobalAveragePool' }],
  ['a cut of rows', slice(2)],
  ['a concatenation of one', { kind: 'Concat', axis: 3 }],
])('%s keeps mean and variance', (_, op) => {
  expect(carried(op, [a])).toEqual(a);
});

test('a maximum keeps to what was drawn, and lies higher', () => {
  const values = draws(Array.from({ length: 1024 }, (_, i) => Math.sin(i * i)));
  const mean = (of: Draws): number => of[0]!.reduce((sum, value) => sum + value, 0) / 1024;
  const found = carried({ kind: 'MaxPool', ...WINDOW }, [values])!;
  expect(found[0]!.every((value) => values[0]!.includes(value))).toBe(true);
  expect(mean(found)).toBeGreaterThan(mean(values) + 0.5);
});

describe('a concatenation', () => {
  test('of channels has those of all', () => {
    expect(carried({ kind: 'Concat', axis: 1 }, [a, b])).toEqual([...a, ...b]);
  });

  test('of rows has values of each', () => {
    expect(carried({ kind: 'Concat', axis: 2 }, [a, b])).toEqual(draws([1, 6, 3, 8], [-1, 0, -3, 0]));
  });

  test('of one that is not told, is not', () => {
    expect(carried({ kind: 'Concat', axis: 1 }, [a, undefined])).toBeUndefined();
    expect(carried({ kind: 'Concat', axis: 2 }, [a, a.slice(1)])).toBeUndefined();
  });
});

describe('padding', () => {
  test('of channels adds constant ones', () => {
    expect(carried(pad([0, 1, 0, 0, 0, 2, 0, 0]), [draws([1, 2])])).toEqual(draws([0, 0], [1, 2], [0, 0], [0, 0]));
  });

  test('around a picture is in the range', () => {
    expect(carried(pad([0, 0, 1, 1, 0, 0, 1, 1], 9), [a])).toEqual(draws([9, 2, 3, 4], [9, -2, -3, -4]));
  });
});

describe('a convolution without batch norm', () => {
  test('that moves channels, moves their draws', () => {
    const weight = kernel([3, 2, 1, 1], [0, 1, 0, 0, 1, 0]);
    expect(carried(convolution(1, 1), [a], weight)).toEqual([a[1], new Float32Array(4), a[0]]);
  });

  test('that averages each channel, keeps mean and variance', () => {
    expect(carried(convolution(2, 2), [a], kernel([2, 1, 2, 2], Array(8).fill(0.25)))).toEqual(a);
  });

  test('that mixes channels, has the mean and the variance of a sum of independent ones', () => {
    const input = draws([1, 3], [10, 10], [-2, 2]);
    const found = carried(convolution(1, 1), [input], kernel([2, 3, 1, 1], [1, 1, 2, 0, 0.5, 0]));
    const deviation = Math.sqrt(1 + 16);
    expect(found).toEqual(draws([12 - deviation, 12 + deviation], [5, 5]));
  });

  test('of a group, has that of its channels', () => {
    const input = draws([1, 3], [10, 10]);
    expect(carried(convolution(1, 2), [input], kernel([2, 1, 1, 1], [2, 3]))).toEqual(draws([2, 6], [30, 30]));
  });

  test.each([
    ['alike where its weights have one sign', [1, 1, 1, 1], 0, 4],
    ['independent where they cancel out', [1, -1, 1, -1], 0, 2],
  ])('takes neighbours for %s', (_, weight, mean, deviation) => {
    const found = carried(convolution(2, 1), [draws([-1, 1])], kernel([1, 1, 2, 2], weight));
    expect(found).toEqual([moments(mean, deviation)]);
  });
});

test('a dense layer has the moments of its sums, whichever way its weights lie', () => {
  const input = draws([0, 2], [-3, 3]);
  const expected = [moments(1, Math.sqrt(1 + 9)), moments(2, Math.sqrt(4))];
  const flat = { from: [2], to: [2] };
  expect(carried({ kind: 'Gemm', transB: true }, [input], kernel([2, 2], [1, 1, 2, 0]), flat)).toEqual(expected);
  expect(carried({ kind: 'Gemm', transB: false }, [input], kernel([2, 2], [1, 2, 1, 0]), flat)).toEqual(expected);
});

describe('channels along an axis', () => {
  const row: Op = { kind: 'Conv', kernel: [3, 1], strides: [1, 1], pads: [1, 0, 1, 0], group: 1 };
  const input = draws([1, 1], [2, 2], [4, 6]);

  test('are put there and back as they are', () => {
    const op: Op = { kind: 'Reshape', shape: [0, 1, -1, 1] };
    expect(carried(op, [input], undefined, { from: [3, 1, 1], to: [1, 3, 1] })).toEqual(input);
    expect(carried(op, [input], undefined, { from: [1, 3, 1], to: [3, 1, 1] })).toEqual(input);
  });

  test('are not taken for those of a picture', () => {
    const op: Op = { kind: 'Reshape', shape: [0, 1, -1, 1] };
    expect(carried(op, [input], undefined, { from: [3, 2, 2], to: [1, 12, 1] })).toBeUndefined();
  });

  test('are mixed with their neighbours, beyond the ends with none', () => {
    const found = carried(row, [input], kernel([1, 1, 3, 1], [1, 1, 2]), { from: [1, 3, 1], to: [1, 3, 1] });
    expect(found).toEqual(draws([5, 5], [11, 15], [6, 8]));
  });
});

describe('every number for itself', () => {
  const signs = draws([-2, 0, 4]);

  test.each<readonly [Op, readonly number[]]>([
    [{ kind: 'Relu' }, [0, 0, 4]],
    [{ kind: 'Sigmoid' }, [0.1192, 0.5, 0.982]],
    [{ kind: 'Tanh' }, [-0.964, 0, 0.9993]],
    [{ kind: 'HardSwish' }, [-0.3333, 0, 4]],
    [{ kind: 'Softplus' }, [0.1269, Math.LN2, 4.0181]],
    [{ kind: 'Erf' }, [-0.9953, 0, 1]],
    [{ kind: 'Sqrt' }, [0, 0, 2]],
    [{ kind: 'LeakyRelu', alpha: 0.1 }, [-0.2, 0, 4]],
    [{ kind: 'Elu', alpha: 1 }, [-0.8647, 0, 4]],
    [{ kind: 'HardSigmoid', alpha: 0.2, beta: 0.5 }, [0.1, 0.5, 1]],
    [{ kind: 'Clip', min: -1, max: 3 }, [-1, 0, 3]],
  ])('%o', (op, expected) => {
    const [found] = carried(op, [signs])!;
    for (const [i, value] of expected.entries()) expect(found![i]).toBeCloseTo(value, 4);
  });

  test('slopes are those of the channel, or one for all', () => {
    const input = draws([-1, 1], [-2, 2]);
    expect(carried({ kind: 'PRelu' }, [input], kernel([2, 1, 1], [0.5, 0.25]))).toEqual(draws([-0.5, 1], [-0.5, 2]));
    expect(carried({ kind: 'PRelu' }, [input], kernel([1], [0.5]))).toEqual(draws([-0.5, 1], [-1, 2]));
  });

  test('of two values, of the same channels or one for all', () => {
    expect(carried({ kind: 'Mul' }, [a, b])).toEqual(draws([5, 12, 21, 32], [-0, -0, -0, -0]));
    expect(carried({ kind: 'Mul' }, [a, draws([2, 0, 1, 3])])).toEqual(draws([2, 0, 3, 12], [-2, -0, -3, -12]));
    expect(carried({ kind: 'Sub' }, [b, a])).toEqual(draws([4, 4, 4, 4], [1, 2, 3, 4]));
    expect(carried({ kind: 'Mul' }, [a, undefined])).toBeUndefined();
    expect(carried({ kind: 'Add' }, [a, draws([1], [2], [3])])).toBeUndefined();
  });
});

test('an element of a channel has what the channel has', () => {
  const found = carried({ kind: 'Flatten', axis: 1 }, [a], undefined, { from: [2, 1, 2], to: [4] });
  expect(found).toEqual([a[0], a[0], a[1], a[1]]);
});

test('what cuts channels or looks at all of them, tells nothing', () => {
  expect(carried(slice(1), [a])).toBeUndefined();
  expect(carried({ kind: 'Softmax', axis: 1 }, [a])).toBeUndefined();
});
