import { ResedgeError } from '../../errors.ts';
import type { Region } from '../../image/from-frame.ts';

/** A part of frames whose size is not known yet, from the upper left corner: in pixels, or in shares of width and height. */
export type AskedRegion = Region & { readonly unit: 'pixels' | 'shares' };

const FORM = 'x,y,width,height in pixels or in shares of the frame, as 160,120,320,240 or 0.25,0.25,0.5,0.5';

/** Sums of decimal fractions, as 0.7 + 0.3, miss 1 by rounding. */
const ROUNDING = 1e-9;

/** Parses `x,y,width,height`: four numbers up to 1 are shares, whole numbers pixels. Throws `usage`. */
export function parseRegion(text: string): AskedRegion {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] = numbers;
  const shares = numbers.every((value) => value <= 1);
  const fault =
    numbers.length !== 4 || !numbers.every((value) => value >= 0 && value <= Number.MAX_SAFE_INTEGER)
      ? 'it takes four numbers from 0 on'
      : width === 0 || height === 0
        ? 'it is empty'
        : shares && Math.max(x + width, y + height) > 1 + ROUNDING
          ? 'it ends outside the frame'
          : shares || numbers.every(Number.isInteger)
            ? undefined
            : 'pixels are whole numbers, shares at most 1';
  if (fault !== undefined) throw new ResedgeError('usage', `expected a region ${FORM}, received ${text}: ${fault}`);
  return { unit: shares ? 'shares' : 'pixels', x, y, width, height };
}

/** A region in the pixels of a frame: of shares at least one pixel, pixels as they are, wherever they lie. */
export function regionIn(asked: AskedRegion, frame: { readonly width: number; readonly height: number }): Region {
  const { unit, x, y, width, height } = asked;
  if (unit === 'pixels') return { x, y, width, height };
  const [left, columns] = span(x, width, frame.width);
  const [upper, rows] = span(y, height, frame.height);
  return { x: left, y: upper, width: columns, height: rows };
}

function span(start: number, length: number, size: number): readonly [start: number, length: number] {
  const first = Math.min(size - 1, Math.round(start * size));
  return [first, Math.max(1, Math.min(size, Math.round((start + length) * size)) - first)];
}
