import { frameShape, type PixelFormat, planesOf, type RawPicture } from '../../../../src/image/frame.ts';
import type { Frame, FrameSource } from '../../../../src/pipeline/types.ts';

/** A grey frame of one brightness, its padding filled with another; `draw` may change single pixels' brightness. */
export function greyFrame(
  format: PixelFormat,
  width: number,
  height: number,
  level: (x: number, y: number) => number,
  align = 1,
): RawPicture {
  const shape = frameShape(format, width, height, align, 'full');
  const data = new Uint8Array(planesOf(shape).bytes).fill(128);
  const step = format === 'rgb24' ? 3 : format === 'bgrx' ? 4 : 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * shape.stride + x * step;
      data.fill(level(x, y), at, at + Math.min(3, step));
    }
  }
  return { ...shape, data };
}

/** A source of the given frames, 100 ms apart, each in the same memory. */
export function sourceOf(pictures: readonly RawPicture[]): FrameSource & { readonly closed: () => boolean } {
  const memory = new Uint8Array(Math.max(0, ...pictures.map(({ data }) => data.length)));
  let index = 0;
  let closed = false;
  return {
    next: async (): Promise<Frame | undefined> => {
      const picture = pictures[index];
      if (picture === undefined || closed) return undefined;
      memory.fill(0);
      memory.set(picture.data);
      const frame = { ...picture, data: memory.subarray(0, picture.data.length), index, arrivedMs: index * 100 };
      index++;
      return frame;
    },
    hasNewer: () => index < pictures.length,
    counts: () => ({ captured: index, dropped: 0, reconnects: 0 }),
    close: async () => {
      closed = true;
    },
    closed: () => closed,
  };
}
