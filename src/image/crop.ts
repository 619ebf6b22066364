import type { Pixels } from './pixels.ts';

/** The square of `size` at (`left`, `top`); what lies outside the picture is black. The result never shares the source's memory. */
export function crop(pixels: Pixels, left: number, top: number, size: number): Pixels {
  const { width, height, data } = pixels;
  const out = new Uint8Array(size * size * 3);
  const fromX = Math.max(0, left);
  const toX = Math.min(width, left + size);
  if (toX > fromX) {
    for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) {
      const row = data.subarray((y * width + fromX) * 3, (y * width + toX) * 3);
      out.set(row, ((y - top) * size + fromX - left) * 3);
    }
  }
  return { width: size, height: size, data: out };
}
