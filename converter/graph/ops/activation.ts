import type { Constant, Fact } from '../graph.ts';
import type { OpKind } from '../op.ts';
import { broadcastDims, sameDims } from './dims.ts';
import { type Decoder, type Definition, float, type Source, scalar } from './types.ts';

/** An op that computes every number from the one at its place. */
export type Unary =
  | 'Relu'
  | 'Sigmoid'
  | 'Tanh'
  | 'HardSwish'
  | 'Softplus'
  | 'Erf'
  | 'Sqrt'
  | 'LeakyRelu'
  | 'Elu'
  | 'HardSigmoid'
  | 'Clip';

type Plain = 'Relu' | 'Sigmoid' | 'Tanh' | 'HardSwish' | 'Softplus' | 'Erf' | 'Sqrt';

const first = (_: unknown, inputs: readonly Fact[]): Fact => inputs[0]!;

function plain<K extends Plain>(): Definition<K> {
  return { arity: 1, infer: first, encode: () => ({}) };
}

export const plainActivations: { readonly [K in Plain]: Definition<K> } = {
  Relu: plain(),
  Sigmoid: plain(),
  Tanh: plain(),
  HardSwish: plain(),
  Softplus: plain(),
  Erf: plain(),
  Sqrt: plain(),
};

export const decodePlain: Decoder = (source) => ({
  op: { kind: source.op as Plain },
  inputs: [source.input(0)],
});

export const leakyRelu: Definition<'LeakyRelu'> = {
  arity: 1,
  infer: first,
  encode: ({ alpha }) => ({ attributes: { alpha: float(alpha) } }),
};

export const decodeLeakyRelu: Decoder = (source) => ({
  op: { kind: 'LeakyRelu', alpha: source.float('alpha', 0.01) },
  inputs: [source.input(0)],
});

export const elu: Definition<'Elu'> = {
  arity: 1,
  infer: first,
  encode: ({ alpha }) => ({ attributes: { alpha: float(alpha) } }),
};

export const decodeElu: Decoder = (source) => ({
  op: { kind: 'Elu', alpha: source.float('alpha', 1) },
  inputs: [source.input(0)],
});

export const hardSigmoid: Definition<'HardSigmoid'> = {
  arity: 1,
  infer: first,
  encode: ({ alpha, beta }) => ({ attributes: { alpha: float(alpha), beta: float(beta) } }),
};

export const decodeHardSigmoid: Decoder = (source) => ({
  op: { kind: 'HardSigmoid', alpha: source.float('alpha', 0.2), beta: source.float('beta', 0.5) },
  inputs: [source.input(0)],
});

const LOWEST = -3.4028234663852886e38;

export const clip: Definition<'Clip'> = {
  arity: 1,
  infer: first,
  encode: ({ min, max }, { dtype }) => ({ operands: { min: scalar(min, dtype), max: scalar(max, dtype) } }),
};

/** Bounds are attributes before opset 11 and inputs from then on. */
export const decodeClip: Decoder = (source) => {
  const bound = (index: number, name: string, otherwise: number): number => {
    if (source.opset < 11) return source.float(name, otherwise);
    return source.inputs[index] === undefined ? otherwise : numberOf(source.constant(index, `its ${name}`), source);
  };
  const [min, max] = [bound(1, 'min', LOWEST), bound(2, 'max', -LOWEST)];
  const op = min === 0 && max === -LOWEST ? ({ kind: 'Relu' } as const) : ({ kind: 'Clip', min, max } as const);
  return { op, inputs: [source.input(0)] };
};

function numberOf(constant: Constant, source: Source): number {
  const data = constant.read();
  const value = data[0];
  if (data.length !== 1 || value === undefined) return source.refuse(`one number as a bound, received ${data.length}`);
  return Number(value);
}

export const pRelu: Definition<'PRelu'> = {
  arity: 2,
  infer: (_, inputs, fail) => {
    const [x, slope] = inputs as readonly [Fact, Fact];
    const dims = broadcastDims(x.dims, slope.dims);
    return dims && sameDims(dims, x.dims) ? x : fail('slopes that fit the input');
  },
  encode: () => ({}),
};

export const decodePRelu: Decoder = (source) => ({
  op: { kind: 'PRelu' },
  inputs: [source.input(0), source.constant(1, 'slopes')],
});

const ELEMENTWISE: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(Object.keys(plainActivations) as Plain[]),
  'LeakyRelu',
  'Elu',
  'HardSigmoid',
  'Clip',
]);

/** True for an op of one input that computes every number from the one at its place. */
export function isUnary(kind: OpKind): kind is Unary {
  return ELEMENTWISE.has(kind);
}
