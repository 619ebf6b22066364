import type { Node } from '../graph/graph.ts';
import type { Op, OpOf, Pads } from '../graph/op.ts';
import { inputOf, isKind, type View } from '../graph/view.ts';
import type { Simplification } from './settle.ts';

/** Pad of rows and columns, then a Conv or a pool -> one node with those pads, where they mean the same. */
export const mergePad: Simplification = (node, view) => {
  const pad = node.inputs[0] === undefined ? undefined : view.producer(node.inputs[0]);
  if (!isKind(pad, 'Pad')) return undefined;
  const added = spatial(pad);
  const op = added && padded(node.op, added, pad, view);
  return op && { nodes: [{ ...node, op, inputs: [inputOf(pad, 0), ...node.inputs.slice(1)] }] };
};

/** What a Pad adds to rows and columns; undefined where it adds to anything else. */
function spatial({ op: { pads } }: Node<OpOf<'Pad'>>): Pads | undefined {
  const [n, c, top, left, nEnd, cEnd, bottom, right] = pads;
  if (pads.length !== 8 || n !== 0 || c !== 0 || nEnd !== 0 || cEnd !== 0) return undefined;
  return [top!, left!, bottom!, right!];
}

function padded(op: Op, added: Pads, pad: Node<OpOf<'Pad'>>, view: View): Op | undefined {
  if (op.kind !== 'Conv' && op.kind !== 'MaxPool' && op.kind !== 'AveragePool') return undefined;
  const sum = op.pads.map((count, i) => count + added[i]!) as unknown as Pads;
  if (op.kind === 'Conv') return pad.op.value === 0 ? { ...op, pads: sum } : undefined;
  // A window that lies in the padding alone has no value of its own.
  if (sum.some((count, i) => count >= op.kernel[i % 2]!)) return undefined;
  if (op.kind === 'MaxPool') {
    const neverWins = pad.op.value === 0 ? isNonNegative(view.producer(inputOf(pad, 0))) : pad.op.value <= -3e38;
    return neverWins ? { ...op, pads: sum } : undefined;
  }
  const plain = op.pads.every((count) => count === 0) || op.countPadding;
  return pad.op.value === 0 && plain && !op.ceil ? { ...op, pads: sum, countPadding: true } : undefined;
}

function isNonNegative(node: Node | undefined): boolean {
  return node?.op.kind === 'Relu' || node?.op.kind === 'Sigmoid' || (node?.op.kind === 'Clip' && node.op.min >= 0);
}
