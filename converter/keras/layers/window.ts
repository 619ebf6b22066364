import type { Pads, Pair } from '../../graph/op.ts';
import { samePadding } from '../../graph/ops/window.ts';
import type { Call } from '../types.ts';

/**
 * Padding of a sliding window over an image of `size`: none for `valid`; for `same` what makes ceil(size / stride) windows, an odd
 * pixel at the end.
 */
export function padsOf(call: Call, size: Pair, kernel: Pair, strides: Pair, dilations: Pair = [1, 1]): Pads {
  const padding = call.text('padding', 'valid');
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') return call.refuse(`padding 'same' or 'valid', received ${JSON.stringify(padding)}`);
  const [top, bottom] = samePadding(size[0], kernel[0], strides[0], dilations[0]);
  const [left, right] = samePadding(size[1], kernel[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}
