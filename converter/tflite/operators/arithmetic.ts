import type { Op } from '../../graph/op.ts';
import type { OperatorReader } from '../types.ts';
import { activated } from './activation.ts';
import { isConstant } from './image.ts';

function binary(op: Op): OperatorReader {
  return (call) => {
    const operands = [call.operand(0), call.operand(1)];
    if (operands.every(isConstant)) call.refuse('an input that depends on the picture');
    return activated(call, op, operands, 0);
  };
}

export const arithmetic: Readonly<Record<string, OperatorReader>> = {
  ADD: binary({ kind: 'Add' }),
  DIV: binary({ kind: 'Div' }),
  MUL: binary({ kind: 'Mul' }),
  SUB: binary({ kind: 'Sub' }),
};
