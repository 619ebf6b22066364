import type { RawPicture } from '../../image/frame.ts';
import type { Region } from '../../image/from-frame.ts';

export const THUMBNAIL_WIDTH = 32;
export const THUMBNAIL_HEIGHT = 24;
export const THUMBNAIL_LENGTH: number = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT;

/** Samples along each side of a cell; a mean of four has half the noise of one. */
const SAMPLES = 2;

/**
 * The brightness of a frame, or of a part of it, as {@link THUMBNAIL_WIDTH} x {@link THUMBNAIL_HEIGHT} grey levels written into `out`.
 * A few samples stand for each cell: 3,072 pixels are read whatever the frame's size, and nothing is allocated.
 */
export function thumbnail(frame: RawPicture, out: Uint8Array, part?: Region): Uint8Array {
  const { x, y, width, height } = part ?? { x: 0, y: 0, width: frame.width, height: frame.height };
  for (let row = 0; row < THUMBNAIL_HEIGHT; row++) {
    for (let column = 0; column < THUMBNAIL_WIDTH; column++) {
      let sum = 0;
      for (let i = 0; i < SAMPLES; i++) {
        for (let j = 0; j < SAMPLES; j++) {
          const across = (column + (j + 0.5) / SAMPLES) / THUMBNAIL_WIDTH;
          const down = (row + (i + 0.5) / SAMPLES) / THUMBNAIL_HEIGHT;
          sum += brightness(frame, x + Math.trunc(across * width), y + Math.trunc(down * height));
        }
      }
      out[row * THUMBNAIL_WIDTH + column] = sum / (SAMPLES * SAMPLES);
    }
  }
  return out;
}

/** Luma of one pixel; of RGB by the weights of ITU-R BT.601 in 256ths. */
function brightness({ data, format, stride }: RawPicture, x: number, y: number): number {
  switch (format) {
    case 'yuv420p':
    case 'nv12':
      return data[y * stride + x]!;
    case 'rgb24': {
      const at = y * stride + 3 * x;
      return (77 * data[at]! + 150 * data[at + 1]! + 29 * data[at + 2]!) >> 8;
    }
    case 'bgrx': {
      const at = y * stride + 4 * x;
      return (29 * data[at]! + 150 * data[at + 1]! + 77 * data[at + 2]!) >> 8;
    }
  }
}
