import { float32, int8, int32, numbersIn } from '../flatbuffer.ts';
import type { Call } from '../types.ts';

/** Dimensions, axes or sizes in one list. */
const MAX_LISTED = 8;

/** An operator's field of 8 bits. */
export function byteOption({ options }: Call, field: number): number {
  return options ? int8(options, field) : 0;
}

export function flagOption(call: Call, field: number): boolean {
  return byteOption(call, field) !== 0;
}

export function intOption({ options }: Call, field: number, otherwise = 0): number {
  return options ? int32(options, field, otherwise) : otherwise;
}

export function floatOption({ options }: Call, field: number, otherwise: number): number {
  return options ? float32(options, field, otherwise) : otherwise;
}

export function intsOption({ options, op }: Call, field: number): readonly number[] {
  return options ? numbersIn(options, field, 'int32', MAX_LISTED, `numbers of ${op}`) : [];
}

/** An axis counted from the front. */
export function axisIn(call: Call, axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  return Number.isInteger(from) && from >= 0 && from < rank
    ? from
    : call.refuse(`an axis of ${rank} dimensions, received ${axis},`);
}
