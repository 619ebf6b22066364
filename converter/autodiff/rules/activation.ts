import type { Unary } from '../../graph/ops/activation.ts';
import type { Place, Rule, Site } from '../site.ts';
import { above, between, product, scaled, unbroadcast } from './elements.ts';

/** The derivative at every element, from which the gradient follows by the chain rule. */
function elementwise<K extends Unary>(derivative: (site: Site<K>) => string): Rule<K> {
  return (site, gradient) => [product(site.emit, gradient, derivative(site))];
}

/** 1 above 0, else `slope`. */
function kinked({ emit, input }: Place, slope: number): string {
  return emit.add('Add', [scaled(emit, above(emit, input(0)), 1 - slope), emit.scalar(slope)]);
}

const TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);
/** HardSwish is x times HardSigmoid with this slope. */
const SIXTH = 1 / 6;

export const activations: { readonly [K in Unary]: Rule<K> } = {
  Relu: elementwise(({ emit, output }) => above(emit, output)),
  LeakyRelu: elementwise((site) => kinked(site, site.op.alpha)),
  /** alpha e^x is the output plus alpha. */
  Elu: elementwise(({ emit, op, input, output }) => {
    const one = above(emit, input(0));
    const below = emit.add('Add', [emit.add('Min', [output, emit.scalar(0)]), emit.scalar(op.alpha)]);
    return emit.add('Add', [one, product(emit, below, emit.add('Sub', [emit.scalar(1), one]))]);
  }),
  Clip: elementwise(({ emit, op, input }) => between(emit, input(0), op.min, op.max)),
  Sigmoid: elementwise(({ emit, output }) => product(emit, output, emit.add('Sub', [emit.scalar(1), output]))),
  Tanh: elementwise(({ emit, output }) => emit.add('Sub', [emit.scalar(1), product(emit, output, output)])),
  HardSigmoid: elementwise(({ emit, op, output }) => scaled(emit, between(emit, output, 0, 1), op.alpha)),
  HardSwish: elementwise(({ emit, input }) => {
    const x = input(0);
    const gate = emit.add('Clip', [
      emit.add('Add', [scaled(emit, x, SIXTH), emit.scalar(0.5)]),
      emit.scalar(0),
      emit.scalar(1),
    ]);
    const inside = between(emit, x, -3, 3);
    return emit.add('Add', [gate, scaled(emit, product(emit, inside, x), SIXTH)]);
  }),
  Softplus: elementwise(({ emit, input }) => emit.add('Sigmoid', [input(0)])),
  Erf: elementwise(({ emit, input }) => {
    const square = product(emit, input(0), input(0));
    return scaled(emit, emit.add('Exp', [emit.add('Neg', [square])]), TWO_BY_ROOT_PI);
  }),
  Sqrt: elementwise(({ emit, output }) => emit.add('Div', [emit.scalar(0.5), output])),
};

export const pRelu: Rule<'PRelu'> = (site, gradient) => {
  const { emit, input, needs, dims, outputDims } = site;
  const one = above(emit, input(0));
  const rest = emit.add('Sub', [emit.scalar(1), one]);
  const slope = (): string => emit.add('Add', [one, product(emit, rest, input(1))]);
  return [
    needs(0) ? product(emit, gradient, slope()) : undefined,
    needs(1)
      ? unbroadcast(emit, product(emit, gradient, product(emit, rest, input(0))), outputDims, dims(1))
      : undefined,
  ];
};
