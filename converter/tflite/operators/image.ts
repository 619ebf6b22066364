import type { Pads, Pair } from '../../graph/op.ts';
import { samePadding } from '../../graph/ops/window.ts';
import type { Call, Operand, Value } from '../types.ts';
import { byteOption, intOption } from './options.ts';

/** An image's rows, columns and channels. */
export function imageDims(call: Call, { fact: { dims } }: Value): readonly [number, number, number] {
  const [, h, w, c] = dims;
  if (dims.length !== 4 || typeof h !== 'number' || typeof w !== 'number' || typeof c !== 'number') {
    return call.refuse(`an image [N, H, W, C], received [${dims.join(', ')}],`);
  }
  return [h, w, c];
}

/** An image with its channels in front, as layers take it. */
export function channelsFirst(call: Call, value: Value): Value {
  return call.emit({ kind: 'Transpose', perm: [0, 3, 1, 2] }, [value], 'nchw');
}

export function channelsLast(call: Call, value: Value): Value {
  return { ...call.emit({ kind: 'Transpose', perm: [0, 2, 3, 1] }, [value], 'nhwc'), plain: value.plain };
}

/** Padding of a window that slides over an image, from the operator's field 0: SAME or VALID. */
export function padsOf(call: Call, [h, w]: Pair, kernel: Pair, strides: Pair, dilations: Pair = [1, 1]): Pads {
  const padding = byteOption(call, 0);
  if (padding === 1) return [0, 0, 0, 0];
  if (padding !== 0) return call.refuse(`padding SAME or VALID, received ${padding},`);
  const [top, bottom] = samePadding(h, kernel[0], strides[0], dilations[0]);
  const [left, right] = samePadding(w, kernel[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}

/** Largest stride, dilation or window. */
const MAX_STEP = 65_536;

/** Rows and columns from two fields, of which the schema has the columns first. */
export function pairOption(call: Call, columns: number, otherwise: number): Pair {
  const pair = [intOption(call, columns + 1, otherwise), intOption(call, columns, otherwise)] as const;
  if (pair.every((step) => step >= 1 && step <= MAX_STEP)) return pair;
  return call.refuse(`steps of 1 to ${MAX_STEP}, received ${pair.join(' x ')},`);
}

export function isConstant(operand: Operand): operand is Exclude<Operand, Value> {
  return 'read' in operand;
}
