import type { Fact } from '../graph.ts';
import { sameDims } from './dims.ts';
import { type Decoder, type Definition, float, int } from './types.ts';

export const batchNormalization: Definition<'BatchNormalization'> = {
  arity: 5,
  infer: (_, inputs, fail) => {
    const [x, ...parameters] = inputs as readonly [Fact, ...Fact[]];
    const [, c] = x.dims;
    if (c === undefined) fail('channels');
    if (parameters.some(({ dims }) => !sameDims(dims, [c ?? 0]))) fail(`four parameters of [${c}]`);
    return x;
  },
  encode: ({ epsilon }) => ({ attributes: { epsilon: float(epsilon) } }),
};

export const localResponse: Definition<'LRN'> = {
  arity: 1,
  infer: (_, [x]) => x!,
  encode: ({ size, alpha, beta, bias }) => ({
    attributes: { alpha: float(alpha), beta: float(beta), bias: float(bias), size: int(size) },
  }),
};

export const decodeLocalResponse: Decoder = (source) => ({
  op: {
    kind: 'LRN',
    size: source.int('size', 1),
    alpha: source.float('alpha', 1e-4),
    beta: source.float('beta', 0.75),
    bias: source.float('bias', 1),
  },
  inputs: [source.input(0)],
});

/** ONNX's default. */
const EPSILON = 1e-5;

export const decodeBatchNormalization: Decoder = (source) => {
  if (source.int('training_mode', 0) !== 0)
    source.refuse('a trained model, received one in training mode: export it in evaluation mode');
  if (source.int('spatial', 1) !== 1) source.refuse('statistics per channel, received them per element (spatial = 0)');
  const parameters = ['gamma', 'beta', 'a mean', 'a variance'].map((what, i) => source.constant(i + 1, what));
  const epsilon = source.float('epsilon', EPSILON);
  return { op: { kind: 'BatchNormalization', epsilon }, inputs: [source.input(0), ...parameters] };
};
