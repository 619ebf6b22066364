import type { Op } from '../../graph/op.ts';
import type { Call, Operand, OperatorReader, Value } from '../types.ts';
import { byteOption, floatOption } from './options.ts';

const RELU6: Op = { kind: 'Clip', min: 0, max: 6 };
const RELU_N1_TO_1: Op = { kind: 'Clip', min: -1, max: 1 };

/** Activations that another operator can do on its way, by their code. */
const FUSED: readonly (Op | undefined)[] = [undefined, { kind: 'Relu' }, RELU_N1_TO_1, RELU6, { kind: 'Tanh' }];

/** A node and the activation that the operator's `field` names. */
export function activated(call: Call, op: Op, operands: readonly Operand[], field: number): Value {
  const code = byteOption(call, field);
  const activation = FUSED[code];
  if (activation) return call.emit(activation, [call.emit(op, operands, 'linear')]);
  if (code !== 0) call.refuse(`an activation that is known, received number ${code},`);
  return call.emit(op, operands);
}

function plain(op: Op): OperatorReader {
  return (call) => call.emit(op, [call.value(0)]);
}

const softmax: OperatorReader = (call) => {
  const value = call.value(0);
  const beta = floatOption(call, 0, 0);
  if (beta !== 1) call.refuse(`a beta of 1, received ${beta},`);
  return call.emit({ kind: 'Softmax', axis: value.fact.dims.length - 1 }, [value]);
};

export const activations: Readonly<Record<string, OperatorReader>> = {
  ELU: plain({ kind: 'Elu', alpha: 1 }),
  HARD_SWISH: plain({ kind: 'HardSwish' }),
  LEAKY_RELU: (call) => call.emit({ kind: 'LeakyRelu', alpha: floatOption(call, 0, 0) }, [call.value(0)]),
  LOGISTIC: plain({ kind: 'Sigmoid' }),
  PRELU: (call) => call.emit({ kind: 'PRelu' }, [call.value(0), call.constant(1, 'slopes')]),
  RELU: plain({ kind: 'Relu' }),
  RELU6: plain(RELU6),
  RELU_0_TO_1: plain({ kind: 'Clip', min: 0, max: 1 }),
  RELU_N1_TO_1: plain(RELU_N1_TO_1),
  SOFTMAX: softmax,
  TANH: plain({ kind: 'Tanh' }),
};
