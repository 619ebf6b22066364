import { describe, expect, test } from 'vitest';
import type { Constant } from '../../../../converter/graph/graph.ts';
import type { Op, Pads, Pair } from '../../../../converter/graph/op.ts';
import { type Case, differentiate, distance, graphOf } from './differences.ts';

type ConvShape = { readonly pads?: Pads; readonly strides?: Pair; readonly group?: number; readonly dilations?: Pair };

const NONE: Pads = [0, 0, 0, 0];
const EVEN: Pads = [1, 1, 1, 1];

function conv(kernel: Pair, { pads = NONE, strides = [1, 1], group = 1, dilations }: ConvShape = {}): Op {
  return { kind: 'Conv', kernel, pads, strides, group, ...(dilations ? { dilations } : {}) };
}

/** Fixed numbers that do not learn, above 0. */
function positive(dims: readonly number[], dtype: 'float32' = 'float32'): Constant {
  const count = dims.reduce((all, dim) => all * dim, 1);
  return { dtype, dims, read: () => Float32Array.from({ length: count }, (_, i) => 0.7 + 0.2 * (i % 3)) };
}

const pool = { kernel: [3, 3], strides: [2, 2], pads: EVEN } as const;
const whole = { kernel: [2, 2], strides: [2, 2], pads: NONE } as const;

const cases: Readonly<Record<string, Case>> = {
  'Conv 3x3, padding': { nodes: [[conv([3, 3], { pads: EVEN }), 'w', 'b']], given: { w: [4, 3, 3, 3], b: [4] } },
  'Conv 3x3, no padding': { nodes: [[conv([3, 3]), 'w']], given: { w: [2, 3, 3, 3] } },
  'Conv 3x3, stride 2': { nodes: [[conv([3, 3], { pads: EVEN, strides: [2, 2] }), 'w']], given: { w: [4, 3, 3, 3] } },
  'Conv 3x3, stride 2, odd image': {
    image: [2, 5, 7],
    nodes: [[conv([3, 3], { pads: EVEN, strides: [2, 2] }), 'w']],
    given: { w: [3, 2, 3, 3] },
  },
  'Conv 3x2, uneven strides and padding': {
    image: [2, 6, 5],
    nodes: [[conv([3, 2], { pads: [1, 0, 2, 1], strides: [1, 2] }), 'w']],
    given: { w: [3, 2, 3, 2] },
  },
  'Conv 3x3 on one pixel': {
    image: [2, 1, 1],
    nodes: [[conv([3, 3], { pads: EVEN }), 'w']],
    given: { w: [3, 2, 3, 3] },
  },
  'Conv 3x3, few channels on many pixels': {
    image: [1, 8, 8],
    nodes: [[conv([3, 3], { pads: EVEN }), 'w']],
    given: { w: [1, 1, 3, 3] },
  },
  'Conv 3x3, few channels, stride 2': {
    image: [1, 9, 9],
    nodes: [[conv([3, 3], { pads: EVEN, strides: [2, 2] }), 'w']],
    given: { w: [1, 1, 3, 3] },
  },
  'Conv 1x1': { nodes: [[conv([1, 1]), 'w', 'b']], given: { w: [4, 3, 1, 1], b: [4] } },
  'Conv 1x1, stride 2': { nodes: [[conv([1, 1], { strides: [2, 2] }), 'w']], given: { w: [4, 3, 1, 1] } },
  'Conv 1x1, padding': { nodes: [[conv([1, 1], { pads: EVEN }), 'w']], given: { w: [2, 3, 1, 1] } },
  'Conv, more padding than kernel': {
    nodes: [[conv([2, 2], { pads: [2, 2, 2, 2] }), 'w']],
    given: { w: [2, 3, 2, 2] },
  },
  'Conv, two groups': {
    image: [4, 4, 4],
    nodes: [[conv([3, 3], { pads: EVEN, group: 2 }), 'w']],
    given: { w: [6, 2, 3, 3] },
  },
  'Conv, depthwise, many pixels': {
    image: [2, 8, 8],
    nodes: [[conv([3, 3], { pads: EVEN, group: 2 }), 'w']],
    given: { w: [2, 1, 3, 3] },
  },
  'Conv, depthwise': {
    nodes: [[conv([3, 3], { pads: EVEN, group: 3 }), 'w', 'b']],
    given: { w: [3, 1, 3, 3], b: [3] },
  },
  'Conv, depthwise, stride 2': {
    nodes: [[conv([3, 3], { pads: EVEN, group: 3, strides: [2, 2] }), 'w']],
    given: { w: [6, 1, 3, 3] },
  },
  'Conv, dilations': {
    image: [2, 6, 6],
    nodes: [[conv([3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }), 'w']],
    given: { w: [3, 2, 3, 3] },
  },
  'Conv, dilations and stride': {
    image: [2, 7, 7],
    nodes: [[conv([3, 3], { pads: [2, 1, 2, 1], dilations: [2, 1], strides: [2, 2] }), 'w']],
    given: { w: [2, 2, 3, 3] },
  },
  Relu: { nodes: [[{ kind: 'Relu' }]] },
  LeakyRelu: { nodes: [[{ kind: 'LeakyRelu', alpha: 0.1 }]] },
  Elu: { nodes: [[{ kind: 'Elu', alpha: 0.7 }]] },
  PRelu: { nodes: [[{ kind: 'PRelu' }, 's']], given: { s: [3, 1, 1] } },
  Clip: { nodes: [[{ kind: 'Clip', min: -0.4, max: 0.48 }]] },
  'Clip, from below alone': { nodes: [[{ kind: 'Clip', min: -0.4, max: 3.4028234663852886e38 }]] },
  Sigmoid: { nodes: [[{ kind: 'Sigmoid' }]] },
  Tanh: { nodes: [[{ kind: 'Tanh' }]] },
  HardSigmoid: { nodes: [[{ kind: 'HardSigmoid', alpha: 0.625, beta: 0.5 }]] },
  HardSwish: { nodes: [[{ kind: 'Mul' }, 'c'], [{ kind: 'HardSwish' }]], given: { c: positive([1, 3, 1, 1]) } },
  Softplus: { nodes: [[{ kind: 'Softplus' }]] },
  Erf: { nodes: [[{ kind: 'Erf' }]] },
  Sqrt: { nodes: [[{ kind: 'Softplus' }], [{ kind: 'Sqrt' }]] },
  Softmax: { nodes: [[{ kind: 'Softmax', axis: 1 }]] },
  'Add, broadcast': { nodes: [[{ kind: 'Add' }, 'c']], given: { c: [1, 3, 1, 4] } },
  'Add, to itself': { nodes: [[{ kind: 'Add' }, 'v0', 'v0']] },
  'Sub, from a row': { nodes: [[{ kind: 'Sub' }, 'c', 'v0']], given: { c: [4] } },
  'Mul, broadcast': { nodes: [[{ kind: 'Mul' }, 'c']], given: { c: [2, 3, 1, 1] } },
  Div: { nodes: [[{ kind: 'Sigmoid' }], [{ kind: 'Div' }, 'c', 'v1']], given: { c: [3, 1, 1] } },
  MaxPool: { nodes: [[{ kind: 'MaxPool', ...pool }]] },
  'MaxPool, apart': { nodes: [[{ kind: 'MaxPool', ...whole }]] },
  'AveragePool, padding not counted': { nodes: [[{ kind: 'AveragePool', ...pool, countPadding: false, ceil: false }]] },
  'AveragePool, padding counted': { nodes: [[{ kind: 'AveragePool', ...pool, countPadding: true, ceil: false }]] },
  'AveragePool, last window not whole': {
    image: [2, 5, 5],
    nodes: [[{ kind: 'AveragePool', ...whole, countPadding: false, ceil: true }]],
  },
  'AveragePool, a row left out': {
    image: [2, 5, 5],
    nodes: [[{ kind: 'AveragePool', ...whole, countPadding: false, ceil: false }]],
  },
  GlobalAveragePool: { nodes: [[{ kind: 'GlobalAveragePool' }]] },
  'ReduceMean, kept': { nodes: [[{ kind: 'ReduceMean', axes: [1], keepDims: true }]] },
  'ReduceMean, dropped': { nodes: [[{ kind: 'ReduceMean', axes: [2, 3], keepDims: false }]] },
  Flatten: { nodes: [[{ kind: 'Flatten', axis: 2 }], [{ kind: 'Tanh' }]] },
  Reshape: { nodes: [[{ kind: 'Reshape', shape: [0, 4, -1] }], [{ kind: 'Softmax', axis: 2 }]] },
  Transpose: { nodes: [[{ kind: 'Transpose', perm: [0, 2, 3, 1] }], [{ kind: 'Mul' }, 'c']], given: { c: [4, 3] } },
  Concat: {
    nodes: [[{ kind: 'Tanh' }], [{ kind: 'Concat', axis: 1 }, 'v0', 'v1', 'c']],
    given: { c: positive([2, 1, 4, 4]) },
  },
  Pad: { nodes: [[{ kind: 'Pad', pads: [0, 0, 1, 2, 0, 0, 0, 1], value: 0 }]] },
  Slice: { nodes: [[{ kind: 'Slice', axes: [2, 1], starts: [-3, 1], ends: [100, 3], steps: [1, 1] }]] },
  Gemm: {
    nodes: [[{ kind: 'Flatten', axis: 1 }], [{ kind: 'Gemm', transB: true }, 'w', 'b']],
    given: { w: [5, 48], b: [5] },
  },
  'Gemm, weight as it is': {
    nodes: [[{ kind: 'Flatten', axis: 1 }], [{ kind: 'Gemm', transB: false }, 'w']],
    given: { w: [48, 5] },
  },
  'MatMul, one matrix for all': { nodes: [[{ kind: 'MatMul' }, 'w']], given: { w: [4, 5] } },
  'MatMul, of stacks': { nodes: [[{ kind: 'Tanh' }], [{ kind: 'MatMul' }, 'w', 'v1']], given: { w: [3, 2, 4] } },
};

describe('gradients are what finite differences say', () => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const found = await differentiate(graphOf(cases[name]!));
    for (const [parameter, both] of found) expect(distance(both), parameter).toBeLessThan(2e-3);
  });

  const norm: Case = {
    nodes: [[{ kind: 'BatchNormalization', epsilon: 1e-5 }, 'gamma', 'beta', 'mean', 'variance']],
    given: { gamma: [3], beta: [3], mean: positive([3]), variance: positive([3]) },
  };
  test.each(['live', 'frozen'] as const)('BatchNormalization, %s', async (norms) => {
    const trainable = new Set(['x', 'gamma', 'beta']);
    const found = await differentiate(graphOf(norm), { norms, trainable });
    for (const [parameter, both] of found) expect(distance(both), parameter).toBeLessThan(2e-3);
  });
});
