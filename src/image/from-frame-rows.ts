import { type FrameShape, planesOf, type YuvRange } from './frame.ts';

/** Fraction bits of the colour conversion. */
const BITS = 16;
const HALF = 1 << (BITS - 1);

const fixed = (value: number): number => Math.round(value * 2 ** BITS);

/** BT.601: luma is 0.299 red + 0.587 green + 0.114 blue, chroma the scaled distance of blue and red from it. */
const RED = 0.299;
const BLUE = 0.114;
const GREEN = 1 - RED - BLUE;

type Matrix = {
  readonly black: number;
  readonly luma: number;
  readonly redV: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blueU: number;
};

function matrixOf(range: YuvRange): Matrix {
  const chroma = range === 'full' ? 1 : 255 / 224;
  const red = 2 * (1 - RED) * chroma;
  const blue = 2 * (1 - BLUE) * chroma;
  return {
    black: range === 'full' ? 0 : 16,
    luma: fixed(range === 'full' ? 1 : 255 / 219),
    redV: fixed(red),
    greenU: fixed((blue * BLUE) / GREEN),
    greenV: fixed((red * RED) / GREEN),
    blueU: fixed(blue),
  };
}

/** Writes pixels `from` to `to` of row `y` of a frame as RGB into `out` at `target`, which clamps what leaves 8 bits. */
export type RowReader = (
  data: Uint8Array,
  y: number,
  from: number,
  to: number,
  out: Uint8ClampedArray,
  target: number,
) => void;

/** Reads rows of a YUV 4:2:0 frame as RGB, each chroma sample standing for its 2 x 2 pixels. */
export function yuvRows(shape: FrameShape): RowReader {
  const { black, luma, redV, greenU, greenV, blueU } = matrixOf(shape.range ?? 'limited');
  const { u, v, chromaStride } = planesOf(shape);
  const step = shape.format === 'nv12' ? 2 : 1;
  const offset = HALF - black * luma;
  return (data, y, from, to, out, target) => {
    const row = y * shape.stride;
    const chroma = (y >> 1) * chromaStride;
    let at = target;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let x = from; x < to; x++) {
      if ((x & 1) === 0 || x === from) {
        const place = chroma + (x >> 1) * step;
        const blueness = data[u + place]! - 128;
        const redness = data[v + place]! - 128;
        red = Math.imul(redness, redV) + offset;
        green = offset - Math.imul(blueness, greenU) - Math.imul(redness, greenV);
        blue = Math.imul(blueness, blueU) + offset;
      }
      const light = Math.imul(data[row + x]!, luma);
      out[at] = (light + red) >> BITS;
      out[at + 1] = (light + green) >> BITS;
      out[at + 2] = (light + blue) >> BITS;
      at += 3;
    }
  };
}
