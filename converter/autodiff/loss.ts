import { int } from '../graph/ops/types.ts';
import type { Emitter } from './emitter.ts';
import { product, summed } from './rules/elements.ts';

/** The targets' input and the outputs that every training graph has. */
export const TARGETS = 'targets';
export const LOSS = 'loss';
export const LOGITS = 'logits';

/** Softmax cross-entropy against distributions, summed over rows; returns the gradient of the logits. */
export function emitLoss(emit: Emitter): string {
  const log = emit.add('LogSoftmax', [LOGITS], { axis: int(1) });
  const sum = summed(emit, product(emit, TARGETS, log), [0, 1], false);
  emit.place({ name: LOSS, op: 'Neg', domain: '', inputs: [sum], outputs: [LOSS], attributes: new Map() });
  const weight = summed(emit, TARGETS, [1], true);
  return emit.add('Sub', [product(emit, emit.add('Exp', [log]), weight), TARGETS]);
}
