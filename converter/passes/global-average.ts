import { inputOf, isKind, outputOf } from '../graph/view.ts';
import type { Simplification } from './settle.ts';

/** A mean over all rows and columns -> GlobalAveragePool, flattened where the mean drops its axes. */
export const globalAverage: Simplification = (node, _, facts) => {
  const input = inputOf(node, 0);
  const dims = facts.get(input)?.dims ?? [];
  if (dims.length !== 4) return undefined;
  const pool = { kind: 'GlobalAveragePool' } as const;
  if (isKind(node, 'ReduceMean') && node.op.axes.join() === '2,3') {
    if (node.op.keepDims) return { nodes: [{ ...node, op: pool }] };
    const pooled = `${node.name}.pool`;
    return {
      nodes: [
        { name: pooled, op: pool, inputs: [input], outputs: [pooled] },
        { ...node, op: { kind: 'Flatten', axis: 1 }, inputs: [pooled], outputs: [outputOf(node)] },
      ],
    };
  }
  const whole =
    isKind(node, 'AveragePool') &&
    node.op.pads.every((pad) => pad === 0) &&
    node.op.kernel.every((size, axis) => size === dims[axis + 2]);
  return whole ? { nodes: [{ ...node, op: pool }] } : undefined;
};
