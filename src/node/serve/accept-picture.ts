import { ResedgeError } from '../../errors.ts';
import { decodeOptions } from '../image/decode.ts';
import { loadSharp } from '../image/load-sharp.ts';
import { namedError } from '../image/read-picture.ts';

/** Most pixels of an upload: 67 megapixels, which a decoder goes through in about a second. */
const MAX_UPLOAD_PIXELS = 2 ** 26;

/** How files of the formats that are taken begin: the text, and where it stands. SVG, which may refer to other files, is not among them. */
const BEGINNINGS: readonly (readonly [text: string, at: number])[] = [
  ['\xff\xd8\xff', 0],
  ['\x89PNG\r\n', 0],
  ['WEBP', 8],
  ['ftypavif', 4],
  ['GIF8', 0],
];

/** Throws, before anything is decoded: `input` for an upload that is no picture of a kind that is taken, `limit` for one with too many pixels. */
export async function acceptPicture(bytes: Uint8Array): Promise<void> {
  const name = `upload of ${bytes.length} bytes`;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  if (!BEGINNINGS.some(([text, at]) => head.startsWith(text, at)))
    throw new ResedgeError('input', `${name}: expected a JPEG, PNG, WebP, AVIF or GIF, this is something else`);
  const sharp = await loadSharp();
  let pixels: number;
  try {
    const { width, height } = await sharp(bytes, {
      ...decodeOptions(MAX_UPLOAD_PIXELS),
      limitInputPixels: false,
    }).metadata();
    pixels = width * height;
  } catch (error) {
    throw namedError(name, error);
  }
  if (pixels > MAX_UPLOAD_PIXELS)
    throw new ResedgeError('limit', `${name}: expected at most ${MAX_UPLOAD_PIXELS} pixels, it has ${pixels}`);
}
