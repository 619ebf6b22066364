import type { Op, OpOf } from '../graph/op.ts';
import { isUnary, type Unary } from '../graph/ops/activation.ts';

/** What an op makes of one number; undefined for one that looks at more than a single value. */
export function elementwise(op: Op): ((x: number) => number) | undefined {
  return isUnary(op.kind) ? unary(op as OpOf<Unary>) : undefined;
}

function unary(op: OpOf<Unary>): (x: number) => number {
  switch (op.kind) {
    case 'Relu':
      return (x) => Math.max(0, x);
    case 'Sigmoid':
      return (x) => 1 / (1 + Math.exp(-x));
    case 'Tanh':
      return Math.tanh;
    case 'HardSwish':
      return (x) => x * clip(x / 6 + 0.5, 0, 1);
    case 'Softplus':
      return (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
    case 'Erf':
      return erf;
    case 'Sqrt':
      return (x) => Math.sqrt(Math.max(0, x));
    case 'LeakyRelu':
      return (x) => (x < 0 ? op.alpha * x : x);
    case 'Elu':
      return (x) => (x < 0 ? op.alpha * Math.expm1(x) : x);
    case 'HardSigmoid':
      return (x) => clip(op.alpha * x + op.beta, 0, 1);
    case 'Clip':
      return (x) => clip(x, op.min, op.max);
  }
}

function clip(x: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, x));
}

/** To 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce(
    (sum, a) => (sum + a) * t,
    0,
  );
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}
