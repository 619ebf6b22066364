import { describe, expect, test } from 'vitest';
import type { Constant, Graph } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { carryDraws, type Draws } from '../../../../converter/quantize/carry-draws.ts';

const draws = (...channels: readonly (readonly number[])[]): Draws => channels.map((one) => Float32Array.from(one));
const a = draws([1, 2, 3, 4], [-1, -2, -3, -4]);
const b = draws([5, 6, 7, 8], [0, 0, 0, 0]);

function carried(op: Op, values: readonly (Draws | undefined)[], weight?: Constant): Draws | undefined {
  const inputs = [...values.map((_, i) => `value${i}`), ...(weight ? ['weight'] : [])];
  const node = { name: 'node', op, inputs, outputs: ['out'] };
  const constants = new Map(weight ? [['weight', weight]] : []);
  const graph: Graph = { name: 'g', inputs: [], outputs: ['out'], nodes: [node], constants };
  return carryDraws(graph, node, (name) => values[inputs.indexOf(name)]);
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

  test.each([
    ['mixes channels', convolution(1, 1), kernel([1, 2, 1, 1], [1, 0.5])],
    ['weighs them', convolution(1, 1), kernel([1, 2, 1, 1], [0.5, 0])],
    ['has weights below 0', convolution(2, 2), kernel([2, 1, 1, 2], [2, -1, 2, -1])],
    ['sums up to more than 1', convolution(2, 2), kernel([2, 1, 1, 2], [1, 1, 1, 1])],
  ])('that %s, tells nothing', (_, op, weight) => {
    expect(carried(op, [a], weight)).toBeUndefined();
  });
});

test('what cuts channels or computes something else, tells nothing', () => {
  expect(carried(slice(1), [a])).toBeUndefined();
  expect(carried({ kind: 'Sigmoid' }, [a])).toBeUndefined();
});
