import { checkFrame, type RawPicture } from './frame.ts';
import { yuvRows } from './from-frame-rows.ts';
import type { Pixels } from './pixels.ts';

/** A frame of any format as RGB, in memory of its own. Throws code `input` for a frame shorter than its shape says. */
export function framePixels(frame: RawPicture): Pixels {
  checkFrame(frame);
  const { data, format, width, height, stride } = frame;
  const rgb = new Uint8ClampedArray(width * height * 3);
  if (format === 'yuv420p' || format === 'nv12') {
    const read = yuvRows(frame);
    for (let y = 0; y < height; y++) read(data, y, 0, width, rgb, y * width * 3);
  } else if (format === 'rgb24') {
    for (let y = 0; y < height; y++) rgb.set(data.subarray(y * stride, y * stride + 3 * width), y * width * 3);
  } else {
    let at = 0;
    for (let y = 0; y < height; y++) {
      for (let from = y * stride; from < y * stride + 4 * width; from += 4) {
        rgb[at++] = data[from + 2]!;
        rgb[at++] = data[from + 1]!;
        rgb[at++] = data[from]!;
      }
    }
  }
  return { width, height, data: new Uint8Array(rgb.buffer) };
}
