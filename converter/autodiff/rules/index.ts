import type { OpKind } from '../../graph/op.ts';
import type { Rule } from '../site.ts';
import { activations, pRelu } from './activation.ts';
import { arithmetic } from './arithmetic.ts';
import { conv } from './conv.ts';
import * as layout from './layout.ts';
import { gemm, matMul } from './linear.ts';
import { frozenNorm, liveNorm } from './norm.ts';
import { averagePool, maxPool } from './pool.ts';
import { dequantizeLinear, quantizeLinear } from './quantize.ts';
import { globalAveragePool, reduceMean, softmax } from './reduce.ts';

const RULES: { readonly [K in OpKind]?: Rule<K> } = {
  ...activations,
  ...arithmetic,
  AveragePool: averagePool,
  Cast: layout.cast,
  Concat: layout.concat,
  Conv: conv,
  DequantizeLinear: dequantizeLinear,
  Flatten: layout.flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  MatMul: matMul,
  MaxPool: maxPool,
  PRelu: pRelu,
  Pad: layout.pad,
  QuantizeLinear: quantizeLinear,
  ReduceMean: reduceMean,
  Reshape: layout.reshape,
  Slice: layout.slice,
  Softmax: softmax,
  Transpose: layout.transpose,
};

/** How the gradient of an op is written, if that is known. */
export function ruleOf(kind: OpKind, norms: 'live' | 'frozen'): Rule<OpKind> | undefined {
  if (kind === 'BatchNormalization') return (norms === 'live' ? liveNorm : frozenNorm) as Rule<OpKind>;
  return RULES[kind] as Rule<OpKind> | undefined;
}
