import type { Pixels } from '../../image/pixels.ts';
import { loadSharp } from './load-sharp.ts';

/** A JPEG of the picture, reduced where it is wider than `width`. */
export async function toJpeg(
  { data, width, height }: Pixels,
  limits: { readonly width: number; readonly quality: number },
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: limits.width, withoutEnlargement: true, kernel: 'linear' })
    .jpeg({ quality: limits.quality })
    .toBuffer();
}
