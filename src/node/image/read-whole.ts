import type { Pixels } from '../../image/pixels.ts';
import { decodeOptions, MAX_PICTURE_PIXELS } from './decode.ts';
import { loadSharp } from './load-sharp.ts';
import { namedError, readPictureFile } from './read-picture.ts';
import { toRgb } from './to-rgb.ts';

/** A whole picture from its file, upright, reduced where it does not fit into `within`. Errors are those of `readPicture`. */
export async function readWhole(
  path: string,
  within: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const bytes = readPictureFile(path);
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(bytes, decodeOptions(MAX_PICTURE_PIXELS))
      .resize({ ...within, fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return toRgb(data, info.width, info.height, info.channels);
  } catch (error) {
    throw namedError(path, error);
  }
}
