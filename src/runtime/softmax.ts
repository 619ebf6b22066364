import { ResedgeError } from '../errors.ts';

/**
 * Probabilities of logits: exp(x - max) over their sum, so no finite logit overflows; minus infinity gives 0. Throws code `input` for
 * NaN or plus infinity, and when no logit is finite: such an output says nothing about the picture.
 */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i]!;
    if (!(value < Number.POSITIVE_INFINITY)) {
      const where = `logit ${i} of ${logits.length}`;
      throw new ResedgeError(
        'input',
        `expected finite logits, ${where} is ${value}: check the model's weights and input`,
      );
    }
    if (value > max) max = value;
  }
  if (max === Number.NEGATIVE_INFINITY) {
    throw new ResedgeError('input', `expected at least one finite logit, received ${logits.length} without any`);
  }
  const out = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const value = Math.exp(logits[i]! - max);
    out[i] = value;
    sum += value;
  }
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / sum;
  return out;
}
