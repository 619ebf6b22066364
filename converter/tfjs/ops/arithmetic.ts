import { int } from '../../graph/ops/types.ts';
import type { Translator } from '../types.ts';
import { activate, fusedOf, same } from './activation.ts';

const squaredDifference: Translator = (call) => {
  const difference = call.emit('Sub', call.inputs, {}, 'difference');
  return call.emit('Mul', [difference, difference]);
};

const rsqrt: Translator = (call) => call.emit('Reciprocal', [call.emit('Sqrt', call.inputs, {}, 'root')]);

/** From the first of its inputs to the last. */
const addAll: Translator = (call) =>
  call.inputs.slice(1).reduce((sum, value, i) => call.emit('Add', [sum, value], {}, `sum${i}`), call.input(0));

const biasAdd: Translator = (call) => {
  const format = call.source.text('data_format', 'NHWC');
  if (format !== 'NHWC')
    call.source.refuse(`data_format NHWC, received ${format}: convert the model with channels last`);
  return call.emit('Add', call.inputs);
};

const matMul: Translator = (call) => {
  if (call.source.int('transpose_a', 0) !== 0) call.source.refuse('its input as it is, received transpose_a');
  const fused = fusedOf(call);
  const operands = fused.bias === undefined ? [call.input(1)] : [call.input(1), fused.bias];
  const transB = int(call.source.int('transpose_b', 0));
  return activate(call, call.emit('Gemm', [call.input(0), ...operands], { transB }), fused);
};

export const arithmetic: Readonly<Record<string, Translator>> = {
  _FusedMatMul: matMul,
  Abs: same('Abs'),
  Add: same('Add'),
  AddN: addAll,
  AddV2: same('Add'),
  BiasAdd: biasAdd,
  Div: same('Div'),
  Exp: same('Exp'),
  MatMul: matMul,
  Mul: same('Mul'),
  Neg: same('Neg'),
  Pow: same('Pow'),
  RealDiv: same('Div'),
  Reciprocal: same('Reciprocal'),
  Rsqrt: rsqrt,
  Sqrt: same('Sqrt'),
  Square: (call) => call.emit('Mul', [call.input(0), call.input(0)]),
  SquaredDifference: squaredDifference,
  Sub: same('Sub'),
};
