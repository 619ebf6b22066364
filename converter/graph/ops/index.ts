import type { Op, OpKind } from '../op.ts';
import * as activation from './activation.ts';
import { arithmetic, decodeBinary } from './arithmetic.ts';
import { conv, decodeConv } from './conv.ts';
import { cast, dequantizeLinear, quantizeLinear } from './convert.ts';
import * as layout from './layout.ts';
import { decodeGemm, decodeMatMul, gemm, matMul } from './linear.ts';
import { batchNormalization, decodeBatchNormalization, decodeLocalResponse, localResponse } from './norm.ts';
import { decodePad, pad } from './pad.ts';
import * as pool from './pool.ts';
import { decodeReduceMean, decodeSoftmax, reduceMean, softmax } from './reduce.ts';
import * as reshaping from './reshape.ts';
import type { Decoder, Definition } from './types.ts';

const DEFINITIONS: { readonly [K in OpKind]: Definition<K> } = {
  ...activation.plainActivations,
  ...arithmetic,
  AveragePool: pool.averagePool,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Clip: activation.clip,
  Concat: layout.concat,
  Conv: conv,
  DequantizeLinear: dequantizeLinear,
  Elu: activation.elu,
  Flatten: layout.flatten,
  Gemm: gemm,
  GlobalAveragePool: pool.globalAveragePool,
  HardSigmoid: activation.hardSigmoid,
  LRN: localResponse,
  LeakyRelu: activation.leakyRelu,
  MatMul: matMul,
  MaxPool: pool.maxPool,
  PRelu: activation.pRelu,
  Pad: pad,
  QuantizeLinear: quantizeLinear,
  ReduceMean: reduceMean,
  Reshape: reshaping.reshape,
  Slice: layout.slice,
  Softmax: softmax,
  Transpose: layout.transpose,
};

/** How an op infers its output and is written. */
export function definitionOf(op: Op): Definition<OpKind> {
  return DEFINITIONS[op.kind] as Definition<OpKind>;
}

/** How operators of ONNX files are read, by their names there; those that only compute constants are not among them. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ...['Relu', 'Sigmoid', 'Tanh', 'HardSwish', 'Softplus', 'Erf', 'Sqrt'].map(
    (op) => [op, activation.decodePlain] as const,
  ),
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum'].map((op) => [op, decodeBinary] as const),
  ['AveragePool', pool.decodeAveragePool],
  ['BatchNormalization', decodeBatchNormalization],
  ['Clip', activation.decodeClip],
  ['Concat', layout.decodeConcat],
  ['Conv', decodeConv],
  ['Elu', activation.decodeElu],
  ['Flatten', layout.decodeFlatten],
  ['Gemm', decodeGemm],
  ['GlobalAveragePool', pool.decodeGlobalAveragePool],
  ['HardSigmoid', activation.decodeHardSigmoid],
  ['LRN', decodeLocalResponse],
  ['LeakyRelu', activation.decodeLeakyRelu],
  ['MatMul', decodeMatMul],
  ['MaxPool', pool.decodeMaxPool],
  ['PRelu', activation.decodePRelu],
  ['Pad', decodePad],
  ['ReduceMean', decodeReduceMean],
  ['Reshape', reshaping.decodeReshape],
  ['Slice', layout.decodeSlice],
  ['Softmax', decodeSoftmax],
  ['Squeeze', reshaping.decodeSqueeze],
  ['Transpose', layout.decodeTranspose],
  ['Unsqueeze', reshaping.decodeUnsqueeze],
]);
