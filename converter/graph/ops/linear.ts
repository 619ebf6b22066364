import type { Constant, Fact } from '../graph.ts';
import { broadcastDims, sameDims } from './dims.ts';
import { transposed } from './kernels.ts';
import { type Decoder, type Definition, flag, type Source } from './types.ts';

export const gemm: Definition<'Gemm'> = {
  arity: 2,
  infer: (op, inputs, fail) => {
    const [x, weight] = inputs as readonly [Fact, Fact];
    const [a, b] = weight.dims;
    const [features, classes] = op.transB ? [b, a] : [a, b];
    if (x.dims.length !== 2 || x.dims[1] !== features || classes === undefined) fail(`[N, ${features}] as input`);
    return { dtype: x.dtype, dims: [x.dims[0] ?? 'N', classes ?? 0] };
  },
  encode: ({ transB }) => ({ attributes: { transB: flag(transB) } }),
};

export const matMul: Definition<'MatMul'> = {
  arity: 2,
  infer: (_, inputs, fail) => {
    const [a, b] = inputs as readonly [Fact, Fact];
    const [rows, inner] = a.dims.slice(-2);
    const [shared, columns] = b.dims.slice(-2);
    const batch = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2));
    if (rows === undefined || inner === undefined || columns === undefined || inner !== shared || !batch) {
      return fail('two matrices that fit');
    }
    return { dtype: a.dtype, dims: [...batch, rows, columns] };
  },
  encode: () => ({}),
};

/** alpha and beta go into the weights, which are stored as [classes, features]. */
export const decodeGemm: Decoder = (source) => {
  const [alpha, beta] = [source.float('alpha', 1), source.float('beta', 1)];
  if (source.int('transA', 0) !== 0) source.refuse('its input as it is, received transA = 1');
  const stored = matrix(source);
  const weight = scaled(source.int('transB', 0) === 0 ? transposed(stored, [1, 0]) : stored, alpha);
  const classes = weight.dims[0] ?? 0;
  const bias =
    source.inputs[2] === undefined ? [] : [scaled(spread(source.constant(2, 'a bias'), classes, source), beta)];
  return { op: { kind: 'Gemm', transB: true }, inputs: [source.input(0), weight, ...bias] };
};

/** A product with a constant matrix is a Gemm without a bias. */
export const decodeMatMul: Decoder = (source) => {
  const [left, right] = [source.input(0), source.input(1)];
  if (left.fact.dims.length !== 2 || right.constant === undefined) {
    return { op: { kind: 'MatMul' }, inputs: [left, right] };
  }
  return { op: { kind: 'Gemm', transB: true }, inputs: [left, transposed(matrix(source), [1, 0])] };
};

function matrix(source: Source): Constant<'float32'> {
  const weight = source.constant(1, 'weights');
  if (weight.dims.length !== 2) {
    return source.refuse(`a matrix of weights, received [${weight.dims}]`);
  }
  return weight;
}

function scaled(constant: Constant<'float32'>, factor: number): Constant<'float32'> {
  return factor === 1 ? constant : { ...constant, read: () => constant.read().map((value) => value * factor) };
}

/** A bias that may have been left to broadcasting, as [classes]. */
function spread(bias: Constant<'float32'>, classes: number, source: Source): Constant<'float32'> {
  const count = bias.dims.reduce((all, dim) => all * dim, 1);
  if ((count !== classes && count !== 1) || bias.dims.slice(0, -1).some((dim) => dim !== 1)) {
    return source.refuse(`a bias of [${classes}], received ${bias.dtype}[${bias.dims}]`);
  }
  if (sameDims(bias.dims, [classes])) return bias;
  const read = (): Float32Array =>
    count === classes ? bias.read() : new Float32Array(classes).fill(bias.read()[0] ?? 0);
  return { dtype: 'float32', dims: [classes], read };
}
