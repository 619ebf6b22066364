import { int } from '../../graph/ops/types.ts';
import type { Emitter } from '../emitter.ts';
import { MICROSOFT } from '../emitter.ts';
import type { Rule } from '../site.ts';
import { reshaped, summed, unbroadcast } from './elements.ts';

/** A product of matrices, or of stacks of them, either of which may be transposed. */
export function multiplied(
  emit: Emitter,
  a: string,
  b: string,
  { transA = false, transB = false }: { readonly transA?: boolean; readonly transB?: boolean } = {},
): string {
  return emit.add('FusedMatMul', [a, b], { transA: int(transA ? 1 : 0), transB: int(transB ? 1 : 0) }, MICROSOFT);
}

export const gemm: Rule<'Gemm'> = ({ emit, op, input, needs, dims, node }, gradient) => {
  const weights = (): string =>
    op.transB
      ? multiplied(emit, gradient, input(0), { transA: true })
      : multiplied(emit, input(0), gradient, { transA: true });
  return [
    needs(0) ? multiplied(emit, gradient, input(1), { transB: !op.transB }) : undefined,
    needs(1) ? weights() : undefined,
    node.inputs.length > 2 && needs(2) ? reshaped(emit, summed(emit, gradient, [0], false), dims(2)) : undefined,
  ];
};

export const matMul: Rule<'MatMul'> = ({ emit, input, needs, dims, outputDims }, gradient) => {
  const batch = outputDims.slice(0, -2);
  const reduced = (value: string, index: number): string =>
    unbroadcast(emit, value, [...batch, ...dims(index).slice(-2)], dims(index));
  return [
    needs(0) ? reduced(multiplied(emit, gradient, input(1), { transB: true }), 0) : undefined,
    needs(1) ? reduced(multiplied(emit, input(0), gradient, { transA: true }), 1) : undefined,
  ];
};
