import type { Pixels } from '../../image/pixels.ts';
import { loadSharp } from './load-sharp.ts';

/** A JPEG of the picture, reduced where it is wider than `width`, if that is given. */
export async function toJpeg(
  { data, width, height }: Pixels,
  { width: most, quality }: { readonly width?: number; readonly quality: number },
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  if (most !== undefined) picture.resize({ width: most, withoutEnlargement: true, kernel: 'linear' });
  return await picture.jpeg({ quality }).toBuffer();
}
